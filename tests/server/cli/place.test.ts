import { expect, test } from 'vitest'
import { runCommand } from '../../support/server/run-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { visitorAt } from '../places/place-on-server.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, ben, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'

const place = (dataDir: string, ...words: readonly string[]) => runCommand(dataDir, 'place', ...words)

test('PV6.1 a place is made beside a running server, is so at once, and is on record', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  await reachableDevice(server, ann)
  const { dataDir } = server
  const made = await place(
    dataDir,
    ...['create', 'desk', '--name', 'Front desk', '--member', 'ann', '--member', 'BEN.b-1', '--zone', 'UTC'],
  )
  expect(made).toEqual({ code: 0, out: `Front desk is at ${server.url}/reach/desk`, err: '' })
  const visitor = visitorAt(server)
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  expect((await place(dataDir, 'hours', 'desk', 'mon-sun', '00:00-24:00')).out).toContain(
    'Front desk is open mon',
  )
  expect((await visitor.look()).state).toBe('reachable')
  expect((await place(dataDir, 'close', 'desk')).out).toBe('Front desk takes no visitors now.')
  expect((await visitor.look()).why).toBe('shut')
  expect((await place(dataDir, 'open', 'desk')).out).toBe('Front desk takes visitors again.')
  expect((await place(dataDir, 'name', 'desk', 'Desk', '1')).out).toBe('It is called Desk 1.')
  expect((await visitor.look()).name).toBe('Desk 1')
  const shown = await place(
    dataDir,
    'origins',
    'desk',
    'https://clinic.example/',
    'https://www.clinic.example',
  )
  expect(shown.out).toBe(
    'Desk 1 may be shown in a frame at https://clinic.example, https://www.clinic.example.',
  )
  expect((await place(dataDir, 'show', 'desk')).out).toMatch(
    /^Desk 1 {2}http.+\/reach\/desk\n {2}is +open\n[\s\S]*members +Ann Able, Ben Baker\n[\s\S]*https:\/\/clinic\.example/,
  )
  expect((await place(dataDir, 'list')).out).toMatch(
    /^slug +name +members +hours +is\ndesk +Desk 1 +Ann Able, Ben Baker/,
  )
  const left = await place(dataDir, 'member', 'desk', 'remove', 'ben.b-1')
  expect(left.out).toContain('It says nothing now: Ann Able is its only member, and has to agree first')
  expect((await visitor.look()).why).toBe('shut')
  expect((await place(dataDir, 'member', 'desk', 'add', 'ben.b-1')).out).toBe(
    'Desk 1 has Ann Able, Ben Baker.',
  )
  expect((await place(dataDir, 'remove', 'desk')).out).toBe('Desk 1 is removed.')
  expect((await fetch(`${server.url}/api/places/desk`)).status).toBe(404)
  const record = await (await server.db())
    .selectFrom('audit')
    .leftJoin('user', 'user.id', 'audit.who')
    .select(['audit.detail', 'user.username'])
    .where('what', '=', 'place-changed')
    .orderBy('audit.id')
    .execute()
  // With whom it is about.
  expect(record.map(({ detail, username }) => [JSON.parse(detail).change, username])).toEqual([
    ...[['created', null], ...['ann', 'ben.b-1'].map((one) => ['member add', one])],
    ...['hours', 'close', 'open', 'name', 'origins'].map((change) => [change, null]),
    ...['member remove', 'member add'].map((change) => [change, 'ben.b-1']),
    ['removed', null],
  ])
})

test('PV6.1 PV1.5 what cannot be is told in one sentence, and nothing is made', async () => {
  const dataDir = temporaryFolder()
  await addPeople(dataDir, ann, ben)
  const refused = async (words: readonly string[], told: string | RegExp) => {
    const { code, out, err } = await place(dataDir, ...words)
    expect([code === 0, out]).toEqual([false, ''])
    expect(err).toMatch(told)
  }
  const member = ['--member', 'ann', '--member', 'ben.b-1']
  await refused(['create', 'Front_Desk', '--name', 'x', ...member], /1 to 48 letters/)
  await refused(['create', 'desk', '--name', 'x'.repeat(41), ...member], /1 to 40 characters/)
  await refused(['create', 'desk', '--name', 'x', '--member', 'zoe'], 'There is no account zoe.')
  await refused(
    ['create', 'desk', '--name', 'x', ...member, '--zone', 'Mars/Base'],
    'There is no zone Mars/Base.',
  )
  await refused(['create', 'desk', '--name', 'x'], /at least one --member/)
  await refused(['show', 'desk'], 'There is no place desk.')
  expect((await place(dataDir, 'list')).out).toContain('There is no place yet.')
  const made = await place(dataDir, 'create', 'desk', '--name', 'Ann', '--member', 'ann')
  expect(made.out).toContain('It says nothing yet: Ann Able is its only member, and has to agree first')
  await refused(['create', 'desk', '--name', 'x', ...member], 'There is a place desk already.')
  await refused(['hours', 'desk', 'sometimes'], 'These are no hours: sometimes.')
  for (const origin of ['clinic.example', 'https://clinic.example/page', '*', 'https://*.example', "'self'"])
    await refused(['origins', 'desk', origin], /is no origin/)
  await refused(['member', 'desk', 'remove', 'ben.b-1'], 'Ben Baker is no member of Ann.')
})
