import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { audit } from '../../../server/accounts/audit.ts'
import { anonymizeUser } from '../../../server/accounts/user-rows.ts'
import { runCommand } from '../../support/server/run-command.ts'
import { trySignIn } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, ben } from '../support/people.ts'

async function filled() {
  const server = await startInProcessServer()
  const [annId, benId] = await addPeople(server.dataDir, ann, ben)
  const db = await server.db()
  const hour = 3_600_000
  const from = { address: '10.0.0.7', label: 'Firefox' }
  const at = Date.now() - 3 * hour
  const detail = { by: 'password', staySignedIn: true }
  await audit(db, { at, what: 'signed-in', who: annId, from, device: 'd-1', detail })
  await audit(db, { at: at + hour, what: 'signed-out', who: annId, from, device: 'd-1' })
  await audit(db, { at: at + 2.5 * hour, what: 'signed-in', who: benId, from, device: 'd-2', detail })
  await trySignIn(server, { login: 'Hunter-2-pass', password: 'x' })
  const place = { dataDir: server.dataDir, env: { TZ: 'Asia/Kolkata' } }
  const ask = (...parameters: string[]) => runCommand(place, 'audit', ...parameters)
  return { server, db, ask, annId, at }
}

test('Y2.1 S6.13 the record is printed oldest first, an entry a line, names of the living in clear', async () => {
  const { ask, db, at } = await filled()
  const lines = (await ask()).out.split('\n')
  const time = new Date(at + 5.5 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
  expect(lines[0]).toBe(
    `${time}+05:30  signed-in             ann  by=password  staySignedIn=true  from 10.0.0.7  device d-1  "Firefox"`,
  )
  expect(lines.map((line) => line.slice(27).split(' ')[0])).toEqual([
    ...['signed-in', 'signed-out', 'signed-in', 'sign-in-refused'],
  ])
  expect(lines[3]).toMatch(/ {2}\(nobody: [\w-]{16}\) {2}why=wrong-credentials/)
  await db.deleteFrom('user').where('username', '=', 'ann').execute()
  expect((await ask()).out.split('\n')[0]).toContain('(gone: ')
})

test('Y2.1 it can be asked for one person, one kind and a stretch of time, and for what was typed by nobody', async () => {
  const { ask } = await filled()
  const count = async (...parameters: string[]) => {
    const { out, code } = await ask(...parameters)
    expect(code).toBe(0)
    return out === '' ? 0 : out.split('\n').length
  }
  expect(await count('--user', 'ANN')).toBe(2)
  expect(await count('--user', ben.email)).toBe(1)
  expect(await count('--user', 'hunter-2-PASS')).toBe(1)
  expect(await count('--user', 'somebody-else')).toBe(0)
  expect(await count('--what', 'signed-in')).toBe(2)
  expect(await count('--since', '1h')).toBe(2)
  expect(await count('--user', 'ann', '--since', '150m', '--what', 'signed-out')).toBe(1)
})

test('Y2.3 as JSON it is an object a line, and nothing in it can be an order to the terminal', async () => {
  const { server, db, ask, annId } = await filled()
  const label = 'evil \u001b[2J\u009b31m \u202e\r\nx'
  const from = { address: '10.0.0.8', label }
  await audit(db, {
    at: server.clock.wall(),
    what: 'signed-in',
    who: annId,
    from,
    device: '\u001b]0;x\u0007',
  })
  const lines = (await ask('--json')).out.split('\n')
  expect(lines).toHaveLength(5)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    what: 'signed-in',
    username: 'ann',
    detail: { by: 'password' },
  })
  for (const printed of [(await ask()).out, lines.join('')])
    expect(printed.replaceAll('\n', '')).not.toMatch(/\p{C}/u)
})

test('S6.6 a wrong use says how it is used', async () => {
  const { ask } = await filled()
  for (const parameters of [['--since', 'yesterday'], ['--what', 'nonsense'], ['--colour'], ['ann']]) {
    const { code, err } = await ask(...parameters)
    expect(code, parameters.join(' ')).toBe(2)
    expect(err).not.toMatch(/\n +at /)
  }
  expect((await ask('--what', 'x')).err).toContain('signed-in')
})

test('Y2.1 a record of any length is printed whole, and whoever deleted their account is gone', async () => {
  const { db, ask, annId = '' } = await filled()
  await sql`insert into audit ("at", "what", "detail")
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500)
    select i * 1000, 'invited', '{"by":"operator"}' from n`.execute(db)
  await anonymizeUser(db, annId, Date.now())
  const lines = (await ask()).out.split('\n')
  expect(lines).toHaveLength(2_504)
  expect(new Set(lines).size).toBe(2_504)
  expect(lines[0]).toContain(`(gone: ${annId})`)
  expect((await ask('--what', 'signed-out')).out.split('\n')).toHaveLength(1)
})
