import { openTestDatabase } from '../server/support/in-process-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { planContract } from './plans.ts'

planContract(() => openTestDatabase(temporaryFolder()))
