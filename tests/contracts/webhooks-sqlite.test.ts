import { openTestDatabase } from '../server/support/in-process-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { webhookContract } from './webhooks.ts'

webhookContract(() => openTestDatabase(temporaryFolder()))
