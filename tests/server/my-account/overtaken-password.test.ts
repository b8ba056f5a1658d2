import { expect, test } from 'vitest'
import { passwordHashOf, putPassword } from '../../../server/accounts/credential-rows.ts'
import { openPasswords, type Passwords } from '../../../server/accounts/passwords.ts'
import { changePassword } from '../../../server/my-account/change-password.ts'
import { leastHashCost } from '../support/hash-costs.ts'
import { openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann } from '../support/people.ts'

test('W8.8 nobody waits to write while a password is hashed, not even where another tab was quicker', async () => {
  const server = await startInProcessServer()
  const [userId = ''] = await addPeople(server.dataDir, ann)
  const db = await server.db()
  const real = openPasswords({ cost: leastHashCost })
  const next = 'New-horse-battery-9'
  const overtaking = await real.hash(next)
  const somebodyElse = await openTestDatabase(server.dataDir)
  let writes = 0
  const write = async () => {
    await somebodyElse.updateTable('user').set({ language: 'de' }).where('id', '=', userId).execute()
    writes += 1
  }
  const passwords: Passwords = {
    async hash(chosen) {
      await putPassword(db, userId, overtaking, 1)
      return real.hash(chosen)
    },
    async verify(asked) {
      await write()
      return real.verify(asked)
    },
    isOutdated: real.isOutdated,
    inTurn: (turn, work) =>
      real.inTurn(turn, (hashing) =>
        work({
          ...hashing,
          async verify(asked) {
            await write()
            return hashing.verify(asked)
          },
        }),
      ),
  }
  const webSession = { userId, sessionId: 'session-1', device: 'device-1', signedInAt: 1 }
  const actor = { webSession, from: { address: '192.0.2.1', label: '' }, now: server.clock.wall() }
  const change = { old: ann.password, next, language: 'en', own: [] } as const
  expect(await changePassword({ db, passwords, secret: 'secret' }, actor, change)).toBe('changed')
  expect(writes).toBe(3)
  expect(await passwordHashOf(db, userId)).toBe(overtaking)
})
