import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { PeopleRequest } from '../../../protocol/people.ts'
import { insertUser, setDisabledAt } from '../../../server/accounts/user-rows.ts'
import type { Bus } from '../../../server/bus/bus.ts'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import { parsePersonMessage, personSubject } from '../../../server/bus/person-message.ts'
import type { ContactRow } from '../../../server/database/people-tables.ts'
import type { Database } from '../../../server/database/tables.ts'
import { peopleSnapshot, readSnapshot } from '../../../server/people/account-snapshot.ts'
import { changeContacts } from '../../../server/people/contact-changes.ts'
import { createEventFeed, type EventFeed, type FeedConnection } from '../../../server/people/event-feed.ts'
import { linkPeople } from '../../../server/people/links.ts'
import { openPeople } from '../../../server/people/people.ts'
import { createRequests } from '../../../server/people/requests.ts'
import { type TestClock, testClock } from '../support/test-clock.ts'
import { type AccountOnDevice, accountOnDevice } from './account-on-device.ts'
import { memoryDatabase } from './memory-database.ts'

const numRuns = Number(process.env.TRUTH_SCHEDULES ?? 60)
const seed = process.env.TRUTH_SEED === undefined ? {} : { seed: Number(process.env.TRUTH_SEED) }
const log = pino({ level: 'silent' })
const many = 5
const devicesEach = 2

/** Few have much to do with one another: so it comes to what takes several steps of the same two. */
const who = fc.constantFrom(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 4)
const request = fc.record({
  kind: fc.constant('request' as const),
  what: fc.constantFrom(
    ...([
      'ask',
      'ask',
      'ask',
      'ask by mail',
      'accept',
      'accept',
      'accept',
      'decline',
      'block',
      'block',
    ] as const),
    ...([
      'unblock',
      'unblock',
      'remove',
      'remove',
      'withdraw',
      'favourite',
      'ring-through',
      'status',
    ] as const),
  ),
  by: who,
  of: who,
  /** Others are asked for before it is answered. */
  together: fc.boolean(),
})
const other = fc.record({
  kind: fc.constantFrom(
    ...(['settle', 'settle', 'settle', 'look', 'month', 'disable', 'delete'] as const),
    ...(['join', 'join', 'drop', 'forget', 'deaf', 'hearing', 'stall', 'flow'] as const),
  ),
  by: who,
  device: fc.nat(devicesEach - 1),
})
const steps = fc.array(fc.oneof({ weight: 3, arbitrary: request }, { weight: 2, arbitrary: other }), {
  minLength: 5,
  maxLength: 60,
})
type Step = (typeof steps extends fc.Arbitrary<infer T> ? T : never)[number]
/** Who are contacts as it begins. */
const friends = fc.subarray(
  Array.from({ length: many }, (_, a) => Array.from({ length: a }, (_, b) => [a, b] as const)).flat(),
)

/** A device of a person: what it was told outlives its connections. */
class Device {
  readonly userId: string
  account: AccountOnDevice = accountOnDevice()
  connection: FeedConnection | undefined
  #flowing = Promise.resolve()
  #flow = () => {}

  constructor(userId: string) {
    this.userId = userId
  }

  join(feed: EventFeed) {
    this.drop(feed)
    let open = true
    const connection = {
      get open() {
        return open
      },
      sendFrame: (frame: string) => {
        if (open) this.account.hearFrame(frame)
      },
      drained: () => this.#flowing,
      close: () => {
        open = false
      },
    }
    this.connection = connection
    feed.sync(this.userId, connection, this.account.cursor)
  }

  drop(feed: EventFeed) {
    if (!this.connection) return
    feed.leave(this.userId, this.connection)
    ;(this.connection as FeedConnection & { close(): void }).close()
    this.connection = undefined
  }

  /** From now on it reads nothing. */
  stall() {
    this.flow()
    this.#flowing = new Promise((resolve) => (this.#flow = resolve))
  }

  flow() {
    this.#flow()
    this.#flowing = Promise.resolve()
  }
}

class World {
  readonly #db: Database
  readonly #clock: TestClock
  readonly #ids: string[]
  readonly #names: string[]
  readonly #feed: EventFeed
  readonly #people: ReturnType<typeof openPeople>
  readonly #ask: ReturnType<typeof createRequests>
  readonly devices: Device[]
  /** The bus carries nothing. */
  #deaf = false
  readonly #gone = new Set<string>()

  constructor(db: Database, ids: string[], names: string[]) {
    this.#db = db
    this.#ids = ids
    this.#names = names
    this.#clock = testClock()
    const real = createInProcessBus()
    const bus: Pick<Bus, 'publish'> = {
      publish: (subject, payload) => {
        if (!this.#deaf) real.publish(subject, payload)
      },
    }
    this.#feed = createEventFeed({ db, clock: this.#clock, log, parts: [peopleSnapshot] })
    for (const userId of ids)
      real.subscribe(personSubject(userId), (payload) => {
        const message = parsePersonMessage(payload)
        if (message.kind === 'events') this.#feed.changed(userId, message.until)
        return undefined
      })
    this.#people = openPeople({ db, clock: this.#clock, log, bus })
    this.#ask = createRequests({ clock: this.#clock, log, handlers: this.#people.handlers })
    this.devices = ids.flatMap((id) => Array.from({ length: devicesEach }, () => new Device(id)))
  }

  async befriend(pairs: readonly (readonly [number, number])[]) {
    await changeContacts(this.#db, 1, async (trx, changes) => {
      for (const [a, b] of pairs) {
        await linkPeople(trx, changes, this.#ids[a] ?? '', this.#ids[b] ?? '', 'a team', 1)
        // By their own will, and not the clinic's.
        await trx.updateTable('contact').set({ team: null }).where('team', '=', 'a team').execute()
      }
    })
  }

  async live(steps: readonly Step[]) {
    let together: Promise<unknown>[] = []
    for (const step of steps) {
      // So that no limit of how often is reached.
      this.#clock.advance(60_000)
      const done = step.kind === 'request' ? this.#request(step) : this.#other(step)
      together.push(done)
      if (step.kind === 'request' && step.together) continue
      await Promise.all(together)
      together = []
    }
    await Promise.all(together)
  }

  async #request({ what, by, of }: Extract<Step, { kind: 'request' }>) {
    const [userId, otherId, name] = [this.#ids[by] ?? '', this.#ids[of] ?? '', this.#names[of] ?? '']
    if (this.#gone.has(userId)) return
    const asker = { userId, device: 'one', connection: randomUUID() }
    const handled = await this.#ask(asker, await this.#wording(what, userId, otherId, name))
    expect(handled.kind === 'refused' ? handled.why : 'done').not.toBe('unavailable')
  }

  async #wording(
    what: Extract<Step, { kind: 'request' }>['what'],
    userId: string,
    contact: string,
    name: string,
  ): Promise<PeopleRequest> {
    switch (what) {
      case 'ask':
        return { what: 'ask-contact', login: name }
      case 'ask by mail':
        return { what: 'ask-contact', login: `${name}@clinic.example` }
      case 'accept':
      case 'decline':
        return { what: 'answer-contact', contact, answer: what }
      case 'status': {
        const busy = { status: 'busy', until: this.#clock.wall() + 3_600_000 } as const
        return { what: 'set-status', ...(contact < userId ? busy : { status: 'invisible', until: null }) }
      }
      case 'withdraw': {
        const [asked] = await this.#db
          .selectFrom('contact')
          .select('id')
          .where('userId', '=', userId)
          .where('relation', '=', 'asked')
          .where('typed', '=', name)
          .execute()
        return { what: 'change-contact', contact: asked?.id ?? contact, change: 'withdraw' }
      }
      default:
        return { what: 'change-contact', contact, change: what }
    }
  }

  async #other({ kind, by, device: n }: Exclude<Step, { kind: 'request' }>) {
    const userId = this.#ids[by] ?? ''
    const device = this.devices[by * devicesEach + n]
    if (!device) return
    switch (kind) {
      case 'settle':
        return this.#settle()
      case 'look':
        return this.#feed.look(this.#ids)
      case 'month':
        return this.#clock.advance(31 * 86_400_000)
      case 'disable':
        return this.#db.transaction().execute(async (trx) => {
          const row = await trx
            .selectFrom('user')
            .select('disabledAt')
            .where('id', '=', userId)
            .executeTakeFirst()
          await setDisabledAt(trx, userId, row?.disabledAt === null ? this.#clock.wall() : null)
        })
      case 'delete':
        // Rarely: few would be left.
        if (n === 0 && by === 0) {
          this.#gone.add(userId)
          const { anonymizeUser } = await import('../../../server/accounts/user-rows.ts')
          await this.#db.transaction().execute((trx) => anonymizeUser(trx, userId, this.#clock.wall()))
        }
        return
      case 'join':
        return device.join(this.#feed)
      case 'drop':
        return device.drop(this.#feed)
      case 'forget':
        device.drop(this.#feed)
        device.account = accountOnDevice()
        return
      case 'deaf':
        this.#deaf = true
        return
      case 'hearing':
        this.#deaf = false
        return
      case 'stall':
        return device.stall()
      case 'flow':
        return device.flow()
    }
  }

  async #settle() {
    this.#people.worker.wake()
    await this.#people.worker.tick()
  }

  /** Everything is settled, everybody hears, and every device is there. */
  async calm() {
    this.#deaf = false
    for (let n = 0; n < 3; n += 1) {
      this.#clock.advance(61_000)
      await this.#settle()
    }
    for (const device of this.devices) {
      device.flow()
      if (!device.connection) device.join(this.#feed)
    }
    for (let n = 0; n < 3; n += 1) {
      await this.#feed.look(this.#ids)
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async check() {
    const rows = await this.#db.selectFrom('contact').selectAll().where('userId', 'in', this.#ids).execute()
    expect(rows.filter(({ toSettle, relation }) => toSettle === 1 || relation === 'withdrawn')).toEqual([])
    for (const [n, one] of this.#ids.entries())
      for (const two of this.#ids.slice(n + 1)) expectFit(rows, one, two)
    expect(rows.filter(({ userId }) => this.#gone.has(userId))).toEqual([])
    for (const device of this.devices) {
      if (this.#gone.has(device.userId)) continue
      const { items, until } = await readSnapshot(
        this.#db,
        [peopleSnapshot],
        device.userId,
        this.#clock.wall(),
      )
      const anew = accountOnDevice()
      anew.hear({ type: 'reset', items: [...items], first: true, last: true, until })
      expect(device.account.cursor).toBe(until)
      expect(device.account.contacts()).toEqual(anew.contacts())
      expect(device.account.status?.revision).toBe(anew.status?.revision)
    }
  }

  leave() {
    for (const device of this.devices) {
      device.flow()
      device.drop(this.#feed)
    }
  }
}

/** Whether how two people have each other is one of what `contacts.ts` says can be. */
function expectFit(rows: readonly ContactRow[], one: string, two: string) {
  const of = (userId: string, otherId: string) => {
    const all = rows.filter((row) => row.userId === userId && row.otherId === otherId)
    const person = all.find(({ id }) => id === otherId)
    return {
      relation: person?.relation,
      was: person?.relation === 'blocked' ? person.before : person?.relation,
      asks: all.some(({ relation }) => relation === 'asked'),
    }
  }
  for (const [mine, theirs] of [
    [of(one, two), of(two, one)],
    [of(two, one), of(one, two)],
  ] as const) {
    const seen = JSON.stringify({ mine, theirs })
    // Each is the other's contact, but for what blocking hides.
    expect(mine.was === 'contact', seen).toBe(theirs.was === 'contact')
    // Whoever is asked was asked, and what was asked and stands is known to who can hear of it.
    if (mine.was === 'asks') expect(theirs.asks, seen).toBe(true)
    // Nobody asks whom they have, but by a name that nobody is to be told of.
    if (mine.relation === 'asks') expect(theirs.relation, seen).not.toBe('contact')
    expect(mine.relation === 'asks' && theirs.relation === 'asks', seen).toBe(false)
    // Both having asked each other are contacts, unless one has blocked the other.
    if (mine.asks && theirs.asks && mine.relation !== 'blocked' && theirs.relation !== 'blocked')
      expect(mine.relation, seen).toBe('contact')
  }
}

test(
  'PE1.7 PE1.1 PE1.2 PE1.4 PC1.5 whatever five people do to one another, relations fit and devices come to what is so',
  async () => {
    const db = await memoryDatabase()
    let runs = 0
    await fc.assert(
      fc.asyncProperty(friends, steps, async (pairs, happens) => {
        runs += 1
        const names = Array.from({ length: many }, (_, n) => `p${n}-${runs}`)
        const ids: string[] = []
        for (const name of names) {
          const user = { username: name, name, email: `${name}@clinic.example`, emailVerified: true }
          ids.push(await insertUser(db, user, Date.now()))
        }
        const world = new World(db, ids, names)
        try {
          await world.befriend(pairs)
          await world.live(happens)
          await world.calm()
          await world.check()
        } finally {
          world.leave()
          // What is left to settle of this run is nothing of the next one's.
          await db.deleteFrom('user').execute()
          await db.deleteFrom('personChange').execute()
        }
      }),
      { numRuns, ...seed },
    )
  },
  40_000 + numRuns * 200,
)
