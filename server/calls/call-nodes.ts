import { setTimeout } from 'node:timers/promises'
import * as v from 'valibot'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../clock.ts'
import type { CallRow } from '../database/call-tables.ts'
import type { Database } from '../database/tables.ts'
import type { WriteProbe } from '../database/write-probe.ts'
import type { Log } from '../log.ts'
import type { ActiveCallRegistry } from './active-call-registry.ts'
import type { CallChanges } from './call-changes.ts'
import {
  type AfterEnd,
  activeOwners,
  adoptCalls,
  endCall,
  endedAfter,
  endedOf,
  type RecordEnd,
  readCalls,
  type Saved,
} from './call-rows.ts'

/** What calls know of the nodes of a service. */
export interface CallNodes {
  /** This node. */
  readonly id: string
  /** The ids of all that are alive by the database's clock, as of about a second ago. */
  readonly living: () => Promise<readonly string[]>
  /** Hears at once of each that is not any more. */
  readonly onLost?: ((listener: () => void) => void) | undefined
  /** Whether some other node has the bus, and hears the most of them: it can ring whoever can be rung. */
  readonly canOthersDrive: () => boolean
}

/** Calls that nobody drives are looked for this often, in ms. */
const lookEvery = 1_000
/** Who was not heard of by themselves for so long has heard nothing either, and may be believed dead: ms. */
const stalledAfter = 3_000
/** Calls are others' soon where their node could not write for 8 s: whoever could read nothing for so long, in ms, says nothing of theirs. */
const unreadAfter = 6_000
/** A node that was never seen alive may have begun just now; after so many ms it would have been. */
const strangeFor = 3_000
/** A node that does not answer within this time can ring nobody, as far as anybody knows: ms. */
const answerWithin = 1_000
/** Calls of a node without the bus are handed to others when it was lost for so long, in ms: they say by then whether they have it. */
const handsOverAfter = 2_000
/** How calls ended shortly before a node died, or could hear or say nothing, is told again: so shortly, in ms. */
const toldWithin = 30_000
/** So many calls are read, told or taken over at once. */
const batch = 100
/** Between batches of calls that are told again others have so long, in ms. */
const betweenBatches = 20

const orphaned = 'calls.orphaned'
/** Where every node is asked to say that it has heard this, to the node that asks. */
const allNodes = 'calls.nodes'
const allNodesMessage = v.object({ node: v.string(), n: v.number() })
/** What comes there has its turn after what else that node has said, as no reply has. */
const heardSubject = (node: string) => `calls.heard.${node}`
/** Where a node says that it has the bus again. */
const back = 'calls.back'
const backMessage = v.object({ node: v.string() })
const nodeSubject = (node: string) => `calls.node.${node}`

export interface CallsAcrossNodesDependencies {
  readonly db: Database
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly writeProbe: WriteProbe
  readonly nodes: CallNodes
  readonly active: ActiveCallRegistry
  readonly changes: CallChanges
  /** Tells of a call that is over, and was ended by a server that cannot be relied on to have told it. */
  readonly tellOver: (row: CallRow) => void
  readonly onEnd: (saved: Saved) => void
  readonly recordEnd: RecordEnd
}

/** Sees to it that every call has one node that drives it, and that each knows what others did. */
export interface CallsAcrossNodes {
  /** Takes over what nobody drives. @throws when that could not be read or written. */
  look(): Promise<void>
  tick(): void
  /** Whether this node can ring nobody, and others can: what is placed here is for them. */
  isForOthers(): boolean
  /** Whether the bus brings back what this node sends by it. */
  isBusHeard(): Promise<boolean>
  /** Whether every node that lives has dealt with what this one sent before: it answers, and takes one after the other. */
  haveAllHeard(): Promise<boolean>
  /** Whether another node lives. */
  hasOthers(): Promise<boolean>
  /** Others may take over what was let go of. */
  publishOrphaned(): void
  /** Takes over nothing from now on. */
  stopAdopting(): void
}

export function joinCallsOfNodes(dependencies: CallsAcrossNodesDependencies): CallsAcrossNodes {
  const { db, bus, clock, log, writeProbe, nodes, active, changes, tellOver, onEnd, recordEnd } = dependencies
  let adopting = true
  let living: ReadonlySet<string> = new Set()
  /** All that were ever seen alive. */
  const known = new Set<string>()
  /** By node that drives a call and was never seen alive: since when that is so. */
  let strangers: ReadonlyMap<string, number> = new Map()
  /** Whether these were taken over is not known: their write failed. */
  const unsure = new Set<string>()
  /** Ours by their rows, though nobody here knows of them, at the last look. */
  let unknown: ReadonlySet<string> = new Set()
  /** Nodes that answer nobody. */
  const silent = new Set<string>()
  /** How followed calls stood at the last look. */
  let seen = new Map<string, string>()

  /** When the record was read last. */
  let readAt = clock.monotonic()
  let doubting: Promise<void> | undefined

  const lookOnce = async () => {
    const owned = active.ids()
    const before = living
    const rows = await activeOwners(db)
    readAt = clock.monotonic()
    living = new Set([...(await nodes.living()), nodes.id])
    for (const node of living) known.add(node)
    const now = clock.monotonic()
    const unseen = rows.flatMap(({ owner }) => (owner === null || known.has(owner) ? [] : owner))
    strangers = new Map(unseen.map((node) => [node, strangers.get(node) ?? now]))
    const isDead = (node: string) =>
      !living.has(node) && now - (strangers.get(node) ?? Number.NEGATIVE_INFINITY) >= strangeFor
    const ours = new Set(rows.flatMap(({ id, owner }) => (owner === nodes.id ? id : [])))
    for (const id of owned) if (!ours.has(id)) await active.check(id)
    if (isForOthers()) {
      if (now - lostSince >= handsOverAfter) await handOver()
    } else if (!(deaf && nodes.canOthersDrive()))
      await adopt(rows.filter(({ id, owner }) => owner === null || isDead(owner) || unsure.has(id)))
    await endUnknown([...ours].filter((id) => !unsure.has(id) && active.get(id) === undefined))
    await tellEndsOf([...before].filter((node) => !living.has(node)))
    for (const node of silent) if (!living.has(node)) silent.delete(node)
    await wakeFollowers()
  }

  /** Nothing came back of what was last asked by the bus, though it is not known to be lost. */
  let deaf = false
  const isBusHeard = async () => {
    deaf = !(await answers(nodes.id))
    return !deaf
  }

  /** Without the bus nobody is rung from here. */
  const isForOthers = () => !bus.isConnected && nodes.canOthersDrive()

  const handOver = async () => {
    if (active.ids().length === 0) return
    await active.letGo()
    bus.publish(orphaned, {})
  }

  const adopt = async (orphans: readonly Pick<CallRow, 'id' | 'owner'>[]) => {
    for (const some of inBatches(orphans)) {
      if (!adopting) return
      for (const { id } of some) unsure.add(id)
      const adopted = await writeProbe.guard(() => adoptCalls(db, some, nodes.id))
      for (const { id } of some) unsure.delete(id)
      for (const call of adopted) active.adopt(call)
    }
  }

  /** A call whose writing seemed to fail, so that its caller was told that there is none, is kept as missed. */
  const endUnknown = async (ids: readonly string[]) => {
    for (const id of ids.filter((one) => unknown.has(one))) {
      const end = { outcome: 'missed', why: 'server-restarted', device: null } as const
      const saved = await writeProbe.guard(() => endCall(db, id, end, clock.wall(), recordEnd))
      if (!saved?.written) continue
      onEnd(saved)
      tellOver(saved.row)
    }
    unknown = new Set(ids)
  }

  const tellEndsOf = async (dead: readonly string[]) => {
    if (dead.length === 0) return
    for (const row of await endedOf(db, dead, clock.wall() - toldWithin)) tellOver(row)
  }

  /**
   * What was told since then nobody here may have heard, nor anybody what was told here: until the record could be read.
   * However much that is, others have their turn in between.
   */
  const tellEndsSince = async (lostAt: number) => {
    let after: AfterEnd = { endedAt: lostAt - toldWithin, id: '' }
    while (adopting) {
      try {
        const rows = await endedAfter(db, after, clock.wall() - toldWithin, batch)
        rows.forEach(tellOver)
        const last = rows.at(-1)
        if (!last || rows.length < batch) return
        after = { endedAt: last.endedAt ?? after.endedAt, id: last.id }
        await setTimeout(betweenBatches)
      } catch (err) {
        log.error({ err }, 'how calls ended meanwhile cannot be told again yet')
        await setTimeout(lookEvery)
      }
    }
  }

  /** What another node told may not have come, or it died before it told it. */
  const wakeFollowers = async () => {
    const ids = changes.followed().filter((id) => active.get(id) === undefined)
    const now = new Map<string, string>()
    for (const some of inBatches(ids))
      for (const { id, state, devices, deadline } of await readCalls(db, some))
        now.set(id, `${state} ${devices} ${deadline}`)
    const before = seen
    seen = now
    for (const [id, state] of now) if (before.get(id) !== state) changes.wake(id)
  }

  let looking: Promise<void> | undefined
  let again = false
  const look = (): Promise<void> => {
    again = looking !== undefined
    looking ??= lookOnce().finally(() => {
      looking = undefined
      if (again) lookLater()
    })
    return looking
  }

  const lookLater = () => {
    look().catch((err) => log.error({ err }, 'calls of other nodes could not be looked at'))
  }

  /** Until the record could be read, so that nothing is rung that is over or another node's. */
  const sure = async () => {
    for (;;) {
      try {
        await looking?.catch(() => {})
        return await look()
      } catch (err) {
        log.error({ err }, 'calls of other nodes could not be looked at')
        await setTimeout(lookEvery)
      }
    }
  }

  const askNode = async (node: string) => {
    if (await answers(node)) {
      if (silent.delete(node)) active.dispatchAll({ kind: 'bus-returned' })
      return
    }
    // A bus that is lost says nothing of others.
    if (!bus.isConnected) return
    silent.add(node)
    active.dispatchAll({ kind: 'node-lost', node })
  }

  const answers = async (node: string): Promise<boolean> => {
    try {
      for await (const _ of bus.request(nodeSubject(node), {}, { within: answerWithin })) return true
    } catch (err) {
      log.debug({ err, other: node }, 'a node could not be asked whether it is there')
    }
    return false
  }

  let heardAsks = 0
  /** By number of the asking. */
  const hearing = new Map<number, (node: string) => void>()
  const haveAllHeard = async (): Promise<boolean> => {
    heardAsks += 1
    const n = heardAsks
    const missing = new Set([...(await nodes.living()), nodes.id])
    const heard = Promise.withResolvers<boolean>()
    hearing.set(n, (node) => {
      missing.delete(node)
      if (missing.size === 0) heard.resolve(true)
    })
    bus.publish(allNodes, { node: nodes.id, n })
    const enough = new AbortController()
    const late = setTimeout(answerWithin, false, { signal: enough.signal }).catch(() => false)
    return Promise.race([heard.promise, late]).finally(() => {
      enough.abort()
      hearing.delete(n)
    })
  }

  const doubtUnread = () => {
    doubting ??= sure().finally(() => {
      doubting = undefined
    })
    active.doubt(doubting)
  }

  let lookedAt = clock.monotonic()
  let tickedAt = clock.monotonic()
  let asking = false
  const askNodes = async () => {
    if (asking) return
    asking = true
    const asked = new Set([...active.legNodes(), ...silent])
    asked.delete(nodes.id)
    await Promise.all([...asked].map(askNode)).finally(() => {
      asking = false
    })
  }

  bus.subscribe(orphaned, () => {
    lookLater()
    return undefined
  })
  nodes.onLost?.(lookLater)
  bus.subscribe(nodeSubject(nodes.id), () => ({}))
  bus.subscribe(allNodes, (payload) => {
    const { node, n } = v.parse(allNodesMessage, payload)
    bus.publish(heardSubject(node), { node: nodes.id, n })
    return undefined
  })
  bus.subscribe(heardSubject(nodes.id), (payload) => {
    const { node, n } = v.parse(allNodesMessage, payload)
    hearing.get(n)?.(node)
    return undefined
  })
  bus.subscribe(back, (payload) => {
    const { node } = v.parse(backMessage, payload)
    // It has ended every lease, and what it reported of them meanwhile nobody heard. Who gains one is asked anew.
    if (node !== nodes.id) active.dispatchAll({ kind: 'node-lost', node })
    return undefined
  })
  let lostAt = clock.wall()
  let lostSince = clock.monotonic()
  bus.onConnection((isConnected) => {
    if (isConnected) {
      bus.publish(back, { node: nodes.id })
      active.doubt(sure())
      // Also what others told again before it was back here.
      void tellEndsSince(lostAt)
    } else {
      lostAt = clock.wall()
      lostSince = clock.monotonic()
      active.dispatchAll({ kind: 'bus-lost' })
    }
  })

  return {
    look,
    isForOthers,
    isBusHeard,
    haveAllHeard,
    hasOthers: async () => (await nodes.living()).some((node) => node !== nodes.id),
    tick() {
      const now = clock.monotonic()
      // Whoever was stopped may have been believed dead, and what they wait to hear came while they could not, or is too old.
      if (now - tickedAt > stalledAfter) {
        active.doubt(sure())
        void tellEndsSince(clock.wall() - (now - tickedAt))
      } else if (now - readAt > unreadAfter && !doubting) doubtUnread()
      tickedAt = now
      if (now - lookedAt < lookEvery) return
      lookedAt = now
      lookLater()
      void askNodes()
      if (deaf) void isBusHeard()
    },
    publishOrphaned: () => bus.publish(orphaned, {}),
    stopAdopting() {
      adopting = false
    },
  }
}

function* inBatches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += batch) yield all.slice(from, from + batch)
}
