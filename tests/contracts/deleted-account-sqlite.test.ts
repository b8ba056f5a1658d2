import { openTestDatabase } from '../server/support/in-process-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { deletedAccountContract } from './deleted-account.ts'

deletedAccountContract(() => openTestDatabase(temporaryFolder()))
