import type { Account } from '../../protocol/connection.ts'
import { nameError, normalizedName } from '../../protocol/display-name.ts'
import { findAccount } from '../accounts/find-account.ts'
import { nameRule } from '../accounts/new-person.ts'
import { CommandError, type CommandHelp, parseWords, print, usageError } from '../command-line.ts'
import type { Database } from '../database/tables.ts'
import { type ContactChanges, changeContacts } from '../people/contact-changes.ts'
import { readContacts } from '../people/contact-rows.ts'
import { heldBy } from '../people/held-by.ts'
import { joinPeople, partPeople } from '../people/links.ts'
import {
  holdTeam,
  membersOfTeam,
  membersToSettle,
  mostInTeam,
  putTeam,
  releaseTeam,
  settleMember,
} from '../people/teams.ts'
import { dayText, zone } from './local-time.ts'
import { type OpenWorkplace, runCommand, type Workplace } from './run-command.ts'
import { table } from './table.ts'

const help: CommandHelp = {
  command: 'npm run contact',
  does: 'Makes people contacts of each other, so that they see, call and write to one another, and ends that: in the data directory of this machine, whether or not its server runs, or in the database of all nodes. Their devices hear of it within a second.',
  ways: [
    [
      'add PERSON PERSON',
      'Makes two people contacts, as if one had asked and the other accepted; either may end it.',
    ],
    ['remove PERSON PERSON', 'Ends that two people are contacts.'],
    [
      'team NAME PERSON...',
      `Puts people into a team, each of whom is a contact of each, and makes it where there is none; ${mostInTeam} people at most.`,
    ],
    ['leave NAME PERSON...', 'Takes people out of a team. Who are contacts by something else stay so.'],
    [
      'list PERSON',
      'Shows whom a person has: contacts, who asks and was asked, whom they removed or blocked.',
    ],
  ],
  examples: [
    'npm run contact -- add ann ben',
    'npm run contact -- team "Ward 3" ann ben cleo@clinic.example',
    'npm run contact -- leave "Ward 3" cleo@clinic.example',
    'npm run contact -- list ann',
  ],
  more: 'PERSON is a username or an email address. Give the command the DATA_DIR of the server; or a node’s settings. Teams of a clinic’s own system come and go with its groups (SCIM), not by this command.',
}

await runCommand(help, async (argv, open) => {
  const [verb, ...rest] = argv
  const { positionals: words } = parseWords(rest, {}, help)
  switch (verb) {
    case 'add':
      return add(await pairOf(verb, words, open))
    case 'remove':
      return remove(await pairOf(verb, words, open))
    case 'team':
    case 'leave':
      return changeTeam(verb, words, open)
    case 'list':
      return list(words, open)
    default:
      throw usageError(verb === undefined ? 'What should be done?' : `There is no "contact ${verb}".`, help)
  }
})

interface Pair {
  readonly place: Workplace
  readonly one: Account
  readonly other: Account
}

async function pairOf(verb: string, words: readonly string[], open: OpenWorkplace): Promise<Pair> {
  const [first, second] = words
  if (first === undefined || second === undefined || words.length !== 2)
    throw usageError(`"contact ${verb}" takes two people, each by username or email.`, help)
  const place = await open()
  const [one, other] = [await existing(place.db, first), await existing(place.db, second)]
  if (one.id === other.id) throw new CommandError(`${first} and ${second} are one and the same person.`)
  return { place, one, other }
}

/** Does something in one transaction, and has whoever runs tell the devices. */
async function change<T>(
  { db, tellContacts }: Workplace,
  work: (trx: Database, changes: ContactChanges, now: number) => Promise<T>,
): Promise<T> {
  const now = Date.now()
  const { result, toTell } = await changeContacts(db, now, (trx, changes) => work(trx, changes, now))
  await tellContacts(toTell)
  return result
}

async function add({ place, one, other }: Pair): Promise<void> {
  const isNew = await change(place, (trx, changes, now) => joinPeople(trx, changes, one.id, other.id, now))
  print(
    isNew
      ? `${one.name} and ${other.name} are contacts of each other now.`
      : `${one.name} and ${other.name} are contacts of each other already.`,
  )
}

async function remove({ place, one, other }: Pair): Promise<void> {
  const parted = await change(place, (trx, changes) => partPeople(trx, changes, one.id, other.id))
  if (parted.kind === 'none') throw new CommandError(`${one.name} and ${other.name} are no contacts.`)
  if (parted.kind === 'in-team')
    throw new CommandError(
      `${one.name} and ${other.name} are both in the team ${parted.team}. Take one of them out of it: npm run contact -- leave "${parted.team}" PERSON; or, where it is a group of a clinic’s own system, there.`,
    )
  print(`${one.name} and ${other.name} are no contacts any more.`)
}

/** So is a team of this command known; those of a clinic's system have ids that it gave them. */
function teamId(name: string): string {
  return `named:${name.toLowerCase()}`
}

async function changeTeam(
  verb: 'team' | 'leave',
  [typedName, ...logins]: readonly string[],
  open: OpenWorkplace,
): Promise<void> {
  if (typedName === undefined || logins.length === 0)
    throw usageError(`"contact ${verb}" takes the name of a team, and people.`, help)
  const name = normalizedName(typedName)
  if (nameError(name)) throw new CommandError(`${nameRule} So has that of a team.`)
  const place = await open()
  const { db } = place
  const people: Account[] = []
  for (const login of logins) people.push(await existing(db, login))
  const id = teamId(name)
  const members = await change(place, async (trx, _, now) => {
    const before = new Set(await membersOfTeam(trx, id))
    if (verb === 'leave' && before.size === 0)
      throw new CommandError(`There is no team ${name} that this command made.`)
    for (const person of people) {
      if (verb === 'team') before.add(person.id)
      else if (!before.delete(person.id)) throw new CommandError(`${person.name} is not in ${name}.`)
    }
    if (before.size > mostInTeam)
      throw new CommandError(
        `${name} would have ${before.size} people: a team has ${mostInTeam} at most, since each is a contact of each.`,
      )
    await putTeam(trx, { id, name, members: [...before] })
    await holdTeam(trx, id, now)
    return before.size
  })
  for (const member of await membersToSettle(db, id, mostInTeam * 2))
    await change(place, (trx, changes, now) => settleMember(trx, changes, member, now))
  await releaseTeam(db, id)
  print(
    members === 0
      ? `Nobody is left in ${name}.`
      : `${name} has ${members === 1 ? 'one person' : `${members} people, each a contact of each`}.`,
  )
}

async function list(words: readonly string[], open: OpenWorkplace): Promise<void> {
  const [login] = words
  if (login === undefined || words.length !== 1)
    throw usageError('"contact list" takes one username or email.', help)
  const { db } = await open()
  const person = await existing(db, login)
  const contacts = [...(await readContacts(db, person.id))].sort((a, b) => a.name.localeCompare(b.name))
  if (contacts.length === 0)
    return print(`${person.name} has no contacts. Add one with: npm run contact -- add ${login} PERSON`)
  // Two who are contacts by their own will may be in a team besides.
  const contactIds = contacts.flatMap(({ id, relation }) => (relation === 'contact' ? [id] : []))
  const teams = await heldBy(db, person.id, contactIds)
  const rows = contacts.map(({ id, name, username, relation, team, since }) => [
    name,
    username ?? '–',
    relation,
    teams.get(id)?.join(', ') ?? team ?? '–',
    dayText(since),
  ])
  print(table(['name', 'username', 'is', 'team', `since (${zone()})`], rows))
}

async function existing(db: Database, login: string): Promise<Account> {
  const account = await findAccount(db, login)
  if (account) return account
  throw new CommandError(`There is no account ${login}. "npm run account -- list" shows those there are.`)
}
