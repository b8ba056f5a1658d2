import { setTimeout as delay } from 'node:timers/promises'
import * as v from 'valibot'
import { type Bus, BusLost } from '../bus/bus.ts'
import type { Json } from '../json.ts'
import type { Log } from '../log.ts'
import { mainPart } from './main-part.ts'
import type { LookAtNodes, NodeRecord, OtherNode } from './node-record.ts'
import { nodeTiming } from './node-timing.ts'

/** Where each node says that it is there, as often as it looks at the others. */
const here = 'nodes.here'
const hereMessage = v.object({ id: v.string() })

/**
 * A node that wrote within this time, in ms, is there for certain. Shorter than three looks: one that was killed has been
 * heard too lately to count `unheardLooks` of them.
 */
const freshFor = 2_700
/** Of one that wrote no more for so long nothing is known. */
const staleAfter = 5_000
/** Who is there, and was not heard in so many looks one after the other, is not heard. */
const unheardLooks = 4
/** By then the others have said whom they do not hear: so many looks have to say the same. */
const steadyLooks = 3

export interface Hearing {
  /** The bus as it is good for: lost too while this node is cut off from the main part of the others. */
  readonly bus: Bus
  /** Whether the bus is there, and yet does not lead to the main part of the others. */
  isCutOff(): boolean
  /** Whether another node is in the main part, so that it can ring who can be rung. */
  canOthersDrive(): boolean
  /** Says that this node is there. For the shared tick, before the look. */
  say(): void
}

export interface HearingDependencies {
  readonly bus: Bus
  readonly record: Pick<NodeRecord, 'id' | 'living' | 'look' | 'onLook' | 'sayUnheard'>
  readonly log: Log
}

/**
 * Which other nodes can be heard over the bus: a heartbeat alone goes no further than the own server of NATS. Two servers
 * that are no cluster, or two halves of one whose link broke, are found by nodes that write to the database and are not heard.
 *
 * @returns once each node that is there was heard, or is known not to be.
 */
export async function openHearing({ bus, record, log }: HearingDependencies): Promise<Hearing> {
  const heard = new Set<string>()
  const known = new Set<string>()
  /** By node: in how many looks one after the other it wrote and was not heard. */
  const silent = new Map<string, number>()
  let others: readonly OtherNode[] = []
  let cutOff = false
  let streak = 0
  const listeners = new Set<(isConnected: boolean) => void>()
  let wasConnected = bus.isConnected
  const isConnected = () => bus.isConnected && !cutOff
  const tell = () => {
    if (wasConnected === isConnected()) return
    wasConnected = isConnected()
    for (const listener of [...listeners]) listener(wasConnected)
  }

  const say = () => bus.publish(here, { id: record.id })

  bus.subscribe(here, (payload) => {
    const { id } = v.parse(hereMessage, payload)
    heard.add(id)
    const isNew = id !== record.id && !known.has(id)
    known.add(id)
    // It waits to hear of us.
    if (isNew) say()
    return undefined
  })

  /** There for certain, with the bus, and not about to go. */
  const isThere = ({ age, unheard, draining }: OtherNode) => age <= freshFor && unheard !== null && !draining

  const count = (other: OtherNode) => {
    const { id, age } = other
    if (heard.has(id) || age > staleAfter) silent.delete(id)
    else if (isThere(other)) silent.set(id, (silent.get(id) ?? 0) + 1)
  }

  const unheard = () => [...silent].flatMap(([id, looks]) => (looks >= unheardLooks ? id : [])).sort()

  const decide = (startedAt: number) => {
    const own = { id: record.id, startedAt, unheard: unheard() }
    const isOut = !mainPart([own, ...others]).has(record.id)
    const isUnsure = [...silent.values()].some((looks) => looks < unheardLooks)
    // Whoever is cut off comes back once they know how it stands with everybody.
    streak = isOut !== cutOff && !(cutOff && isUnsure) ? streak + 1 : 0
    if (streak < steadyLooks) return
    streak = 0
    cutOff = isOut
    if (cutOff) log.error({ unheard: unheard() }, cutOffText)
    else log.info('the other nodes are heard again')
    tell()
  }

  const onLook = async (look: LookAtNodes) => {
    others = look.others
    if (!bus.isConnected) {
      silent.clear()
      streak = 0
      heard.clear()
      return record.sayUnheard(null)
    }
    const before = unheard()
    for (const other of others) count(other)
    for (const id of silent.keys()) if (!others.some((other) => other.id === id)) silent.delete(id)
    for (const id of known) if (!heard.has(id)) known.delete(id)
    heard.clear()
    const now = unheard()
    if (now.some((id) => !before.includes(id)))
      log.error({ unheard: now }, 'nodes that live are not heard over NATS: are its servers one cluster?')
    await record.sayUnheard(now)
    decide(look.startedAt)
  }

  bus.onConnection((is) => {
    if (!is)
      record.sayUnheard(null).catch((err) => log.warn({ err }, 'the others hear later that NATS is lost'))
    tell()
  })

  /** Each that is there answers at once; of one that was killed just now it is soon known that it is not. */
  const begin = async () => {
    say()
    const until = performance.now() + freshFor + nodeTiming.looksEvery
    for (;;) {
      const missing = record.living().filter((other) => isThere(other) && !known.has(other.id))
      if (missing.length === 0) break
      if (performance.now() > until) {
        cutOff = true
        log.error({ unheard: missing.map(({ id }) => id) }, cutOffText)
        break
      }
      await delay(100)
      await record.look()
    }
    wasConnected = isConnected()
    record.onLook(onLook)
  }
  others = record.living()
  await begin()

  return {
    bus: {
      subscribe: bus.subscribe,
      publish: bus.publish,
      flush: bus.flush,
      request: (subject, payload, options) => (cutOff ? lost() : bus.request(subject, payload, options)),
      get isConnected() {
        return isConnected()
      },
      onConnection(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
      async close() {
        listeners.clear()
        await bus.close()
      },
    },
    isCutOff: () => bus.isConnected && cutOff,
    canOthersDrive() {
      return mainPart(others.filter(isThere)).size > 0
    },
    say,
  }
}

const cutOffText =
  'this node is not heard by others that live, or does not hear them, over NATS: nobody is reachable by it until it is. Look whether all servers of NATS_URL are one cluster, and whether each lets each node say and hear everything.'

// biome-ignore lint/correctness/useYield: it has no replies, and throws as it is read.
async function* lost(): AsyncGenerator<Json> {
  throw new BusLost('the other nodes are not heard')
}
