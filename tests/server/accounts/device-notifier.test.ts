import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createDeviceNotifier } from '../../../server/accounts/device-notifier.ts'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'

test('A2.7 a change of an account that devices cannot be told of fails nothing, and is in the log', async () => {
  const lines: string[] = []
  const log = pino({}, { write: (line: string) => void lines.push(line) })
  const db = await openTestDatabase(temporaryFolder())
  await db.destroy()
  const notify = createDeviceNotifier(
    db,
    createInProcessBus(() => {}),
    log,
  )
  await expect(notify.accountChanged('user-1')).resolves.toBeUndefined()
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 50, userId: 'user-1' }])
})
