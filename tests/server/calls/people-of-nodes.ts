import { pino } from 'pino'
import type { PlacedCall } from '../../../protocol/people.ts'
import type { Bus } from '../../../server/bus/bus.ts'
import { type LegReport, legsSubject } from '../../../server/bus/leg-report.ts'
import {
  parsePersonMessage,
  parseRingMessage,
  personSubject,
  ringSubject,
} from '../../../server/bus/person-message.ts'
import { type Calls, openCalls } from '../../../server/calls/calls.ts'
import { asCallerSees } from '../../../server/calls/placed-calls.ts'
import type { CallRow } from '../../../server/database/call-tables.ts'
import type { Database } from '../../../server/database/tables.ts'
import { changeContacts, tellContactChanges } from '../../../server/people/contact-changes.ts'
import { changeContact } from '../../../server/people/contacts.ts'
import { setStatus } from '../../../server/people/status.ts'
import type { TestClock } from '../support/test-clock.ts'
import { makeContacts } from './two-people.ts'

/** Writes people down, each a contact of the next. */
export async function addPairs(db: Database, names: readonly (readonly [string, string])[]): Promise<void> {
  const at = new Date().toISOString()
  for (const pair of names) {
    await db
      .insertInto('user')
      .values(
        pair.map((id) => ({
          ...{ id, name: id, email: `${id}@clinic.example`, username: id, displayUsername: id },
          ...{ emailVerified: 0, image: null, createdAt: at, updatedAt: at },
        })),
      )
      .execute()
    await makeContacts(db, ...pair)
  }
}

/** Calls of a node, or of a server alone, to which people can talk. */
export const callsAt = ({
  db,
  bus,
  clock,
  node,
  living,
  isDead = () => false,
}: {
  readonly db: Database
  readonly bus: Bus
  readonly clock: TestClock
  readonly node?: string
  readonly living?: () => readonly string[]
  /** Whatever it was about to write then is never written. */
  readonly isDead?: () => boolean
}): Calls =>
  openCalls({
    db,
    bus,
    clock,
    log: pino({ level: 'silent' }),
    callRates: { perMinute: 60_000, perMinuteToOne: 60_000 },
    callRatesOfPeople: { perMinute: 6_000_000, perMinuteToOne: 6_000_000 },
    ringFor: 45_000,
    roomAddress: ({ room }) => room,
    writeProbe: {
      isWritable: async () => true,
      tick: async () => {},
      guard: (write) => (isDead() ? new Promise(() => {}) : write()),
    },
    nodes:
      node === undefined
        ? undefined
        : { id: node, living: async () => living?.() ?? [node], canOthersDrive: () => false },
  })

/** A device of a person at a node, with a lease until it loses it; it acknowledges each ring at once. */
export function deviceAt(
  {
    calls,
    bus,
    node,
  }: { readonly calls: () => Calls | undefined; readonly bus: Bus; readonly node?: string | undefined },
  userId: string,
  device: string,
) {
  let leased = true
  let connection = `${device}-0`
  let count = 0
  const report = (what: LegReport) => bus.publish(legsSubject(userId), what)
  const it = {
    userId,
    device,
    rang: [] as string[],
    /** Told of each ring as it comes. */
    onRing: (_call: string) => {},
    over: [] as { readonly call: string; readonly outcome: string; readonly here: boolean }[],
    /** How each call that they placed stood, as their devices are told, without saying the same twice. */
    told: new Map<string, PlacedCall[]>(),
    by: () => ({ userId, device, connection }),
    lose() {
      if (!leased) return
      leased = false
      report({ kind: 'lost', connection })
    },
    /** Its node is gone, and says nothing of it. */
    vanish() {
      leased = false
    },
    gain() {
      if (leased) return
      count += 1
      connection = `${device}-${count}`
      leased = true
      report({ kind: 'lease-gained', connection })
    },
    /** Looks at what it placed, as one that says `sync`. */
    async look() {
      for (const { id, shownOn } of (await calls()?.placedOf(userId)) ?? []) {
        const now = { ...shownOn(device), left: 0 }
        const before = it.told.get(id) ?? []
        if (JSON.stringify(before.at(-1)) !== JSON.stringify(now)) it.told.set(id, [...before, now])
      }
    },
  }
  bus.subscribe(personSubject(userId), (payload) => {
    const message = parsePersonMessage(payload)
    if (message.kind === 'placed')
      return it.look().then(
        () => undefined,
        () => undefined,
      )
    if (message.kind === 'over' && (message.connection ?? connection) === connection)
      it.over.push({ call: message.call, outcome: message.outcome, here: message.device === device })
    return undefined
  })
  bus.subscribe(ringSubject(userId), (payload) => {
    const message = parseRingMessage(payload)
    if (message.kind === 'reachable') return leased
    if (message.kind !== 'ring' || !leased) return undefined
    if ((message.connection ?? connection) !== connection) return undefined
    const call = message.call.id
    it.rang.push(call)
    it.onRing(call)
    report({ kind: 'asked', call, connection, device, ...(node !== undefined && { node }) })
    report({ kind: 'acknowledged', call, connection })
    return true
  })
  return it
}

export type PersonDevice = ReturnType<typeof deviceAt>

/** What a person does to a contact, and those are told that have to be. */
export async function relationChange(
  { db, bus, clock }: { readonly db: Database; readonly bus: Bus; readonly clock: TestClock },
  userId: string,
  contact: string,
  change: 'block' | 'unblock' | 'remove',
): Promise<void> {
  const now = clock.wall()
  const { toTell } = await changeContacts(db, now, (trx, changes) =>
    changeContact(trx, changes, userId, contact, change, now),
  )
  tellContactChanges(bus, toTell)
}

export const chooseStatus = async (
  { db, clock }: { readonly db: Database; readonly clock: TestClock },
  userId: string,
  status: 'available' | 'invisible' | 'busy',
) => {
  const until = status === 'busy' ? clock.wall() + 3_600_000 : null
  await setStatus(db, userId, { status, until }, clock.wall())
}

/** How a call ended, as its caller may see it. */
export const endForCaller = (row: CallRow) => {
  const { state, why, reply, busyUntil } = asCallerSees(row)
  return { state, why, reply, busyUntil }
}
