import { expect } from 'vitest'
import type { Database } from '../../server/database/tables.ts'
import type { Device } from './device.ts'
import { openDevice } from './open-device.ts'
import { peopleOn } from './pages/people.ts'
import { addPerson, ann as annAble, type Person } from './server/add-person.ts'
import { withDatabaseOf } from './server/database-of.ts'
import { type Server, startServer } from './server/start-server.ts'
import { signIn } from './sign-in.ts'

export const benSample = { username: 'ben', email: 'ben@clinic.example', name: 'Ben Sample' } as const

/** Ms: who is nowhere is unknown for the first 30 s of a server, which may not have heard of them yet. */
export const knownWithin = 45_000

async function makeContacts(db: Database, people: readonly Pick<Person, 'username'>[]): Promise<void> {
  const usernames = people.map(({ username }) => username)
  const ids = await db.selectFrom('user').select('id').where('username', 'in', usernames).execute()
  const pairs = ids.flatMap(({ id: userId }) =>
    ids.filter(({ id }) => id !== userId).map(({ id }) => ({ userId, id, otherId: id })),
  )
  await db
    .insertInto('contact')
    .values(pairs.map((pair) => ({ ...pair, relation: 'contact', since: Date.now() })))
    .execute()
}

/** Makes these people contacts of one another, before any of them signs in. */
export const befriend = (
  server: Pick<Server, 'dataDir'>,
  people: readonly Pick<Person, 'username'>[],
): Promise<void> => withDatabaseOf(server, (db) => makeContacts(db, people))

/** Ann Able and Ben Sample, with accounts on a server, and contacts of each other unless they are to be strangers. */
export async function twoAccounts(
  server: Pick<Server, 'dataDir'>,
  { strangers = false }: { readonly strangers?: boolean } = {},
): Promise<{ readonly ann: Person; readonly ben: Person }> {
  const ann = await addPerson(server, annAble)
  const ben = await addPerson(server, benSample)
  if (!strangers) await befriend(server, [ann, ben])
  return { ann, ben }
}

export interface TwoPeople {
  readonly server: Server
  readonly ann: Person
  readonly ben: Person
  /** Each on a device of their own, which is a real browser with a profile of its own. */
  readonly annDevice: Device
  readonly benDevice: Device
}

interface Options {
  readonly strangers?: boolean
  readonly environment?: Readonly<Record<string, string>>
}

/** Two people who can be reached, each in a browser of their own, and contacts of each other unless said otherwise. */
export async function twoPeople({ environment = {}, ...options }: Options = {}): Promise<TwoPeople> {
  const server = await startServer(environment)
  const { ann, ben } = await twoAccounts(server, options)
  const [annDevice, benDevice] = await Promise.all([openDevice(), openDevice()])
  await Promise.all([signIn(annDevice, server, ann), signIn(benDevice, server, ben)])
  return { server, ann, ben, annDevice, benDevice }
}

/** Opens the popup of a device, and waits until it shows that this contact can be reached. */
export async function openPeople(device: Device, reachable?: Pick<Person, 'name'>) {
  const popup = await device.openPopup()
  const people = { ...popup, ...peopleOn(popup.page) }
  if (reachable) await expect.poll(() => people.shape(reachable.name)).toBe('available')
  return people
}
