import { expect, test } from 'vitest'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import { runCommand } from '../../support/server/run-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { peopleDevice } from '../people/people-device.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, ben, settle } from '../support/people.ts'

const cleo: NewAccount = { username: 'cleo', email: 'cleo@clinic.example', name: 'Cleo', password: '' }

const contact = (dataDir: string, ...words: readonly string[]) => runCommand(dataDir, 'contact', ...words)

test('PT2.1 people become contacts beside a running server, whose devices hear of it within a second', async () => {
  const server = await startInProcessServer()
  const [annId = ''] = await settle(server, ann, ben, cleo)
  const desk = await peopleDevice(server, ann, 'ann-desk')
  const bens = await peopleDevice(server, ben, 'ben-desk')
  for (const device of [desk, bens]) {
    await device.lease()
    device.sync(null)
    await device.has({})
  }
  const added = await contact(server.dataDir, 'add', 'ann', 'BEN.b-1')
  const told = performance.now()
  expect(added).toEqual({
    code: 0,
    out: 'Ann Able and Ben Baker are contacts of each other now.',
    err: '',
  })
  await desk.has({ 'Ben Baker': 'contact' })
  await bens.has({ 'Ann Able': 'contact' })
  expect(performance.now() - told).toBeLessThan(1_000)
  expect((await contact(server.dataDir, 'add', 'ann', ben.email)).out).toContain('already')
  // It is theirs: either may end it.
  expect((await bens.request({ what: 'change-contact', contact: annId, change: 'remove' })).type).toBe('done')
  await desk.has({})

  const team = await contact(server.dataDir, 'team', 'Ward 3', 'ann', 'cleo', 'ben.b-1')
  expect(team.out).toBe('Ward 3 has 3 people, each a contact of each.')
  await desk.has({ 'Ben Baker': 'contact', Cleo: 'contact' })
  expect(desk.account.contacts().map((one) => one.team)).toEqual(['Ward 3', 'Ward 3'])
  const listed = await contact(server.dataDir, 'list', 'ann')
  expect(listed.out).toMatch(
    /^name +username +is +team +since \(.+\)\nBen Baker +Ben\.B-1 +contact +Ward 3 +\d/,
  )

  const held = await contact(server.dataDir, 'remove', 'ann', 'cleo')
  expect(held).toMatchObject({ code: 1, out: '' })
  expect(held.err).toContain('Ann Able and Cleo are both in the team Ward 3. Take one of them out of it:')
  expect((await contact(server.dataDir, 'leave', 'ward 3', 'cleo')).out).toContain('2 people')
  await desk.has({ 'Ben Baker': 'contact' })
  await contact(server.dataDir, 'leave', 'Ward 3', 'ann', 'ben.b-1')
  await desk.has({})
})

test('PT2.1 PT2.2 without a server it does the same, and says what it cannot do', async () => {
  const dataDir = temporaryFolder()
  await addPeople(dataDir, ann, ben)
  expect((await contact(dataDir, 'list', 'ann')).out).toBe(
    'Ann Able has no contacts. Add one with: npm run contact -- add ann PERSON',
  )
  const cannot = [
    [[], 2, 'What should be done?'],
    [['befriend', 'ann', 'ben.b-1'], 2, 'There is no "contact befriend".'],
    [['add', 'ann'], 2, '"contact add" takes two people, each by username or email.'],
    [
      ['add', 'ann', 'nobody'],
      1,
      'There is no account nobody. "npm run account -- list" shows those there are.',
    ],
    [['add', 'ann', ann.email], 1, `ann and ${ann.email} are one and the same person.`],
    [['remove', 'ann', 'ben.b-1'], 1, 'Ann Able and Ben Baker are no contacts.'],
    [['team', 'Ward 3'], 2, '"contact team" takes the name of a team, and people.'],
    [['leave', 'Ward 3', 'ann'], 1, 'There is no team Ward 3 that this command made.'],
  ] as const
  const all = await Promise.all(cannot.map(([words]) => contact(dataDir, ...words)))
  for (const [n, [words, code, sentence]] of cannot.entries()) {
    const { err = '', ...ended } = all[n] ?? {}
    expect([words, ended]).toEqual([words, { code, out: '' }])
    expect(err.split('\n')[0]).toBe(sentence)
  }
  expect((await contact(dataDir, 'add', 'ann', 'ben.b-1')).code).toBe(0)
  // Theirs, and a team's besides.
  await contact(dataDir, 'team', 'Ward 3', 'ann', 'ben.b-1')
  expect((await contact(dataDir, 'list', 'ann')).out).toMatch(/\nBen Baker +Ben\.B-1 +contact +Ward 3 +\d/)
  await contact(dataDir, 'leave', 'Ward 3', 'ann', 'ben.b-1')
  expect((await contact(dataDir, 'list', 'ann')).out).toMatch(/\nBen Baker +Ben\.B-1 +contact +– +\d/)
  expect((await contact(dataDir, 'remove', 'ben.b-1', 'ann')).out).toBe(
    'Ben Baker and Ann Able are no contacts any more.',
  )
})
