import * as v from 'valibot'
import type { Account } from '../../protocol/connection.ts'
import { nameError, normalizedName } from '../../protocol/display-name.ts'
import { longestPlaceName, slug as slugShape } from '../../protocol/place.ts'
import { audit } from '../accounts/audit.ts'
import { findAccount } from '../accounts/find-account.ts'
import { CommandError, type CommandHelp, parseWords, print, usageError } from '../command-line.ts'
import { readConfig } from '../config.ts'
import type { PlaceRow } from '../database/place-tables.ts'
import type { Database } from '../database/tables.ts'
import { readOperatorFile } from '../operator-file.ts'
import { hoursText, isTimeZone, parseHours, readHours } from '../places/opening-hours.ts'
import {
  addMember,
  changePlace,
  deletePlace,
  findPlace,
  insertPlace,
  isShut,
  listPlaces,
  originsOf,
  type PlaceMember,
  readMembers,
  removeMember,
} from '../places/place-rows.ts'
import { minuteText, zone } from './local-time.ts'
import { type OpenWorkplace, runCommand, type Workplace } from './run-command.ts'
import { table } from './table.ts'

const help: CommandHelp = {
  command: 'npm run place',
  does: 'Makes places and changes them: public addresses, /reach/SLUG, that say whether one of their members can be reached now, and from which visitors call. In the data directory of this machine, whether or not its server runs, or in the database of all nodes; it is so at once.',
  ways: [
    [
      'create SLUG --name NAME --member PERSON... [--zone ZONE]',
      'Makes a place. Where it has one member, that person agrees first: in My account, under Places.',
    ],
    ['list', 'Shows all places.'],
    ['show SLUG', 'Shows one: its address, members, hours, and the sites that may show it.'],
    ['member SLUG add|remove PERSON...', 'Puts people in, or takes them out.'],
    [
      'hours SLUG HOURS|always [--zone ZONE]',
      'Says when it is open: "mon-fri 08:00-12:00 13:00-17:00, sat 09:00-12:00". Hours only close it; open it is while somebody can be reached.',
    ],
    ['origins SLUG ORIGIN...|none', 'Says which sites may show it in a frame: https://clinic.example.'],
    ['name SLUG NAME', 'Calls it something else.'],
    ['close SLUG', 'Takes no visitors and no messages until it is opened again.'],
    ['open SLUG', 'Takes them again.'],
    ['remove SLUG', 'Removes it, and who visited it, at once and without a question.'],
  ],
  options: [
    ['--name NAME', `what visitors see; ${longestPlaceName} characters at most`],
    ['--member PERSON', 'who can be reached by it; as often as there are people'],
    ['--zone ZONE', 'by whose clock it opens, such as Europe/Berlin; this machine’s by default'],
  ],
  examples: [
    'npm run place -- create front-desk --name "Front desk" --member ann --member ben',
    'npm run place -- hours front-desk "mon-fri 08:00-17:00" --zone Europe/Berlin',
    'npm run place -- origins front-desk https://clinic.example',
    'npm run place -- member front-desk add cleo',
  ],
  more: 'PERSON is a username or an email address. Give the command the DATA_DIR of the server; or a node’s settings.',
}

await runCommand(help, async (argv, open) => {
  const [verb, ...rest] = argv
  switch (verb) {
    case 'create':
      return create(rest, open)
    case 'list':
      return list(rest, open)
    case 'show':
      return show(rest, open)
    case 'member':
      return changeMembers(rest, open)
    case 'hours':
      return setHours(rest, open)
    case 'origins':
      return setOrigins(rest, open)
    case 'name':
      return rename(rest, open)
    case 'close':
    case 'open':
      return shutOrOpen(verb, rest, open)
    case 'remove':
      return remove(rest, open)
    default:
      throw usageError(verb === undefined ? 'What should be done?' : `There is no "place ${verb}".`, help)
  }
})

function placeName(typed: string): string {
  const name = normalizedName(typed)
  if (nameError(name) === undefined && [...name].length <= longestPlaceName) return name
  throw new CommandError(
    `The name of a place has 1 to ${longestPlaceName} characters, and no control characters.`,
  )
}

function zoneOf(typed: string | undefined): string {
  const name = typed ?? zone()
  if (isTimeZone(name)) return name
  throw new CommandError(`There is no zone ${name}. They are named as Europe/Berlin is.`)
}

async function existing(db: Database, login: string): Promise<Account> {
  const account = await findAccount(db, login)
  if (account) return account
  throw new CommandError(`There is no account ${login}. "npm run account -- list" shows those there are.`)
}

async function placeOf(db: Database, slug: string): Promise<PlaceRow> {
  const place = await findPlace(db, slug.toLowerCase())
  if (place) return place
  throw new CommandError(`There is no place ${slug}. "npm run place -- list" shows those there are.`)
}

/** The place that the first word names; what is done about it is done in a transaction, and put on record. */
async function change<T>(
  open: OpenWorkplace,
  slug: string,
  what: string,
  work: (trx: Database, place: PlaceRow) => Promise<T>,
): Promise<T> {
  const { db } = await open()
  const place = await placeOf(db, slug)
  return db.transaction().execute(async (trx) => {
    const done = await work(trx, place)
    await record(trx, place.slug, what)
    return done
  })
}

/** @param who the id of the account that it is about. */
function record(trx: Database, place: string, change: string, who?: string) {
  return audit(trx, { at: Date.now(), what: 'place-changed', who, detail: { by: 'operator', place, change } })
}

async function create(argv: string[], open: OpenWorkplace): Promise<void> {
  const options = {
    name: { type: 'string' },
    member: { type: 'string', multiple: true },
    zone: { type: 'string' },
  } as const
  const { values, positionals } = parseWords(argv, options, help)
  const [typed, more] = positionals
  if (typed === undefined || more !== undefined)
    throw usageError('"place create" takes one slug: the last part of its address.', help)
  const slug = v.safeParse(slugShape, typed.toLowerCase())
  if (!slug.success) throw new CommandError(slug.issues[0].message)
  if (!values.name || !values.member || values.member.length === 0)
    throw usageError('A place needs a --name, and at least one --member.', help)
  const [name, timeZone] = [placeName(values.name), zoneOf(values.zone)]
  const workplace = await open()
  const { db } = workplace
  const people: Account[] = []
  for (const login of values.member) people.push(await existing(db, login))
  const members = [...new Set(people.map(({ id }) => id))]
  const made = await db.transaction().execute(async (trx) => {
    const place = await insertPlace(trx, { slug: slug.output, name, timeZone, members }, Date.now())
    if (!place) return undefined
    await record(trx, place.slug, 'created')
    for (const member of members) await record(trx, place.slug, 'member add', member)
    return place
  })
  if (!made) throw new CommandError(`There is a place ${slug.output} already. Choose another slug.`)
  print(`${name} is at ${addressOf(workplace, made)}`)
  if (members.length === 1)
    print(
      `It says nothing yet: ${people[0]?.name} is its only member, and has to agree first, in My account under Places.`,
    )
}

/** Where visitors find it. */
function addressOf({ directory }: Workplace, { slug }: Pick<PlaceRow, 'slug'>): string {
  const { publicUrl } = readConfig(process.env)
  const at = publicUrl ?? readOperatorFile(directory.operator)?.url
  return `${at ?? 'the address of the server'}/reach/${slug}`
}

async function list(argv: string[], open: OpenWorkplace): Promise<void> {
  const { positionals } = parseWords(argv, {}, help)
  if (positionals.length > 0) throw usageError('"place list" takes no words.', help)
  const { db } = await open()
  const places = await listPlaces(db)
  if (places.length === 0)
    return print(
      'There is no place yet. Make one with: npm run place -- create SLUG --name NAME --member PERSON',
    )
  const rows = await Promise.all(
    places.map(async (place) => {
      const members = await readMembers(db, place.id)
      const hours = parseHours(place.hours)
      return [
        place.slug,
        place.name,
        members.map(({ name }) => name).join(', ') || '–',
        hours === null ? 'always' : hoursText(hours),
        stateOf(place, members),
      ]
    }),
  )
  print(table(['slug', 'name', 'members', 'hours', 'is'], rows))
}

function stateOf({ shutAt }: PlaceRow, members: readonly PlaceMember[]): string {
  if (shutAt !== null) return 'closed'
  if (members.length === 0) return 'without members'
  return isShut({ shutAt }, members) ? 'waiting for its member to agree' : 'open'
}

async function show(argv: string[], open: OpenWorkplace): Promise<void> {
  const { positionals } = parseWords(argv, {}, help)
  const [slug, more] = positionals
  if (slug === undefined || more !== undefined) throw usageError('"place show" takes one slug.', help)
  const workplace = await open()
  const { db } = workplace
  const place = await placeOf(db, slug)
  const members = await readMembers(db, place.id)
  const hours = parseHours(place.hours)
  print(`${place.name}  ${addressOf(workplace, place)}`)
  print(`  is        ${stateOf(place, members)}`)
  print(`  made      ${minuteText(place.createdAt)} (${zone()})`)
  print(`  hours     ${hours === null ? 'always' : `${hoursText(hours)} (${place.timeZone})`}`)
  print(`  members   ${members.map(({ name }) => name).join(', ') || '–'}`)
  print(`  shown at  ${originsOf(place).join(', ') || '–'}`)
}

async function changeMembers(argv: string[], open: OpenWorkplace): Promise<void> {
  const { positionals } = parseWords(argv, {}, help)
  const [slug, verb, ...logins] = positionals
  if (slug === undefined || (verb !== 'add' && verb !== 'remove') || logins.length === 0)
    throw usageError('"place member" takes a slug, "add" or "remove", and people.', help)
  const { db } = await open()
  const place = await placeOf(db, slug)
  await db.transaction().execute(async (trx) => {
    for (const login of logins) {
      const person = await existing(trx, login)
      const isChanged =
        verb === 'add'
          ? await addMember(trx, place.id, person.id)
          : await removeMember(trx, place.id, person.id)
      if (isChanged) await record(trx, place.slug, `member ${verb}`, person.id)
      else if (verb === 'remove') throw new CommandError(`${person.name} is no member of ${place.name}.`)
    }
  })
  const members = await readMembers(db, place.id)
  print(`${place.name} has ${members.map(({ name }) => name).join(', ') || 'no member, and says nothing'}.`)
  const [only] = members
  if (only && members.length === 1 && only.agreedAt === null)
    print(
      `It says nothing now: ${only.name} is its only member, and has to agree first, in My account under Places.`,
    )
}

async function setHours(argv: string[], open: OpenWorkplace): Promise<void> {
  const { values, positionals } = parseWords(argv, { zone: { type: 'string' } }, help)
  const [slug, ...words] = positionals
  const typed = words.join(' ').trim()
  if (slug === undefined || typed === '') throw usageError('"place hours" takes a slug, and hours.', help)
  const hours = typed.toLowerCase() === 'always' ? null : readHours(typed)
  if (hours === undefined)
    throw new CommandError(
      `These are no hours: ${typed}. They are written as "mon-fri 08:00-12:00 13:00-17:00, sat 09:00-12:00".`,
    )
  const timeZone = values.zone === undefined ? undefined : zoneOf(values.zone)
  const result = await change(open, slug, 'hours', async (trx, place) => {
    const kept = hours === null ? null : JSON.stringify(hours)
    await changePlace(trx, place.id, { hours: kept, ...(timeZone !== undefined && { timeZone }) })
    return { name: place.name, timeZone: timeZone ?? place.timeZone }
  })
  print(
    hours === null
      ? `${result.name} is open whenever somebody can be reached.`
      : `${result.name} is open ${hoursText(hours)} (${result.timeZone}).`,
  )
}

/** A site, as a policy names it: with its scheme, and nothing behind its host. None that stands for several, or ends the policy. */
function origin(typed: string): string {
  const site = typed.replace(/\/$/, '').toLowerCase()
  const isSite = /^https?:\/\/[a-z0-9.:[\]-]+$/.test(site) && URL.canParse(site)
  if (isSite && new URL(site).origin === site) return site
  throw new CommandError(`${typed} is no origin: it is written as https://clinic.example, without a path.`)
}

async function setOrigins(argv: string[], open: OpenWorkplace): Promise<void> {
  const { positionals } = parseWords(argv, {}, help)
  const [slug, ...typed] = positionals
  if (slug === undefined || typed.length === 0)
    throw usageError('"place origins" takes a slug, and the origins of sites, or "none".', help)
  const origins = typed.length === 1 && typed[0] === 'none' ? [] : [...new Set(typed.map(origin))]
  const result = await change(open, slug, 'origins', async (trx, place) => {
    await changePlace(trx, place.id, { origins: JSON.stringify(origins) })
    return place.name
  })
  print(
    origins.length === 0
      ? `No other site may show ${result} in a frame.`
      : `${result} may be shown in a frame at ${origins.join(', ')}.`,
  )
}

async function rename(argv: string[], open: OpenWorkplace): Promise<void> {
  const { positionals } = parseWords(argv, {}, help)
  const [slug, ...words] = positionals
  if (slug === undefined || words.length === 0)
    throw usageError('"place name" takes a slug, and a name.', help)
  const name = placeName(words.join(' '))
  await change(open, slug, 'name', (trx, { id }) => changePlace(trx, id, { name }))
  print(`It is called ${name}.`)
}

async function shutOrOpen(verb: 'close' | 'open', argv: string[], open: OpenWorkplace): Promise<void> {
  const { positionals } = parseWords(argv, {}, help)
  const [slug, more] = positionals
  if (slug === undefined || more !== undefined) throw usageError(`"place ${verb}" takes one slug.`, help)
  const shutAt = verb === 'close' ? Date.now() : null
  const result = await change(open, slug, verb, async (trx, place) => {
    await changePlace(trx, place.id, { shutAt })
    return place.name
  })
  print(verb === 'close' ? `${result} takes no visitors now.` : `${result} takes visitors again.`)
}

async function remove(argv: string[], open: OpenWorkplace): Promise<void> {
  const { positionals } = parseWords(argv, {}, help)
  const [slug, more] = positionals
  if (slug === undefined || more !== undefined) throw usageError('"place remove" takes one slug.', help)
  const result = await change(open, slug, 'removed', async (trx, place) => {
    await deletePlace(trx, place.id)
    return place.name
  })
  print(`${result} is removed.`)
}
