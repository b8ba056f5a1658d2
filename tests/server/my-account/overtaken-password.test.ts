import { expect, test } from 'vitest'
import { createAuth } from '../../../server/accounts/better-auth.ts'
import { passwordHashOf, putPassword } from '../../../server/accounts/credential-rows.ts'
import { changePassword } from '../../../server/my-account/change-password.ts'
import { openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann } from '../support/people.ts'

test('W8.8 nobody waits to write while a password is hashed, not even where another tab was quicker', async () => {
  const server = await startInProcessServer()
  const [userId = ''] = await addPeople(server.dataDir, ann)
  const db = await server.db()
  const auth = createAuth(db, 'a secret of this test, which is long enough', 'http://127.0.0.1')
  const { password } = await auth.$context
  const { hash, verify } = password
  const next = 'New-horse-battery-9'
  const overtaking = await hash(next)
  const somebodyElse = await openTestDatabase(server.dataDir)
  let writes = 0
  password.hash = async (chosen) => {
    await putPassword(db, userId, overtaking, 1)
    return hash(chosen)
  }
  password.verify = async (asked) => {
    await somebodyElse.updateTable('user').set({ language: 'de' }).where('id', '=', userId).execute()
    writes += 1
    return verify(asked)
  }
  const webSession = { userId, sessionId: 'session-1', device: 'device-1', signedInAt: 1 }
  const actor = { webSession, from: { address: '192.0.2.1', label: '' }, now: server.clock.wall() }
  const change = { old: ann.password, next, language: 'en', own: [] } as const
  expect(await changePassword({ db, auth, secret: 'secret' }, actor, change)).toBe('changed')
  expect(writes).toBe(3)
  expect(await passwordHashOf(db, userId)).toBe(overtaking)
})
