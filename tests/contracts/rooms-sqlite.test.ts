import { openTestDatabase } from '../server/support/in-process-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { roomContract } from './rooms.ts'

roomContract(() => openTestDatabase(temporaryFolder()))
