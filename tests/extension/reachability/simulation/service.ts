import type { CloseReason } from '../../../../protocol/close-codes.ts'
import type { ServerMessage } from '../../../../protocol/connection.ts'
import { presenceSubject } from '../../../../server/bus/presence-message.ts'
import { createConnectionOrders } from './connection-orders.ts'
import type { EventQueue } from './event-queue.ts'
import type { End, Pipe } from './network.ts'
import { createNode, type NodeDependencies, type SimulatedNode, without } from './node.ts'
import { personOf } from './node-presence.ts'
import { createPresenceBus, type NodeBus } from './presence-bus.ts'
import { createServerCalls, type ServerCalls } from './server-calls.ts'

/** What a device and its monitor know of the service: one node or two, with one record. */
export interface SimulatedService {
  /**
   * Takes a connection at one of the nodes that are open: its name here, where the node hears, and where to give it the
   * pipe that it speaks into. Null where that node, or every one, is not there.
   */
  readonly accept: () => {
    readonly name: string
    readonly end: End
    readonly speakInto: (toDevice: Pipe) => void
  } | null
  readonly calls: ServerCalls
  readonly clock: () => number
  readonly rate: number
  /** Whether a node is there. */
  readonly isUp: () => boolean
  /** Whether none that is there answers. */
  readonly isHung: () => boolean
  /** Whether the node of this connection hangs. */
  readonly isHungAt: (connection: string) => boolean
  readonly nodeOf: (connection: string) => number | undefined
  /** Whether what a node has to say is heard by the others. */
  readonly canTell: (node: number) => boolean
  /** Whether the node that drives calls does, and hears of their legs. */
  readonly drives: () => boolean
  /** Whether a living node would route a call by this connection at this moment. */
  readonly wouldRing: (connection: string) => boolean
  /** Whether what calls tell devices gets to this connection. */
  readonly hears: (connection: string) => boolean
  /** The true moment at which the connection's lease of now runs out, or null. */
  readonly leaseEnds: (connection: string) => number | null
  /** Of a number, one of the nodes. */
  readonly node: (number: number) => SimulatedNode
  readonly nodes: readonly SimulatedNode[]
  readonly crash: (number: number) => () => void
  readonly drain: (number: number) => () => void
  readonly loseBus: (number: number) => () => void
  readonly revoke: () => () => void
  readonly loseStorage: () => () => void
  readonly refuse: (why: CloseReason) => () => void
  /** The person chooses to be invisible; undefined where nobody takes that. */
  readonly hide: () => (() => void) | undefined
  readonly isHidden: () => boolean
}

export interface ServiceTraits {
  readonly nodes: number
  /** How fast the monotonic clocks of its machines run. */
  readonly rate: number
  readonly random: () => number
  /** Whether somebody watches the person. */
  readonly isWatched: boolean
}

export interface ServiceHooks {
  /** A node lets go of what it promised by a connection, and says so on it. */
  readonly leaseEnded: (connection: string) => void
  /** Devices are told that a call is over. */
  readonly callOver: (call: string) => void
}

/** A message of one node to another takes so long at most, in milliseconds. */
const busWithin = 20
/** A message that was lost is made up for within this time, by the look at sessions, in milliseconds. */
const lookWithin = 10_000
/** That a node is open no more is seen within this time, in milliseconds. */
const seenWithin = 5_000
/** A node that does not write is taken for dead after this, and its calls are taken over within a second more. */
const deadAfter = 10_000
/** That a node hears of its legs no more is found within this time, in milliseconds. */
const feltWithin = 900

/** The service: its nodes, the record that they share, and the bus between them. */
export function createService(
  queue: EventQueue,
  traits: ServiceTraits,
  hooks: ServiceHooks,
): SimulatedService {
  const { rate, random } = traits
  const several = traits.nodes > 1
  let storageLosses = 0
  let revocations = 0
  let refusals: readonly CloseReason[] = []
  let connections = 0
  /** How often the person has said that they hide, and not taken back. */
  let hidings = 0
  /** The node that drives the calls, and how often that has changed. */
  let owner = 0
  let ownerships = 0
  /** By connection. */
  const places = new Map<string, number>()

  const clock = () => queue.now() * rate
  const canWrite = () => storageLosses === 0
  const at = (connection: string): SimulatedNode | undefined => nodes[places.get(connection) ?? -1]
  const can = (node: SimulatedNode | undefined): node is SimulatedNode =>
    node?.isUp() === true && !node.isHung()
  const talks = (node: SimulatedNode | undefined): node is SimulatedNode =>
    can(node) && (!several || node.hasBus())
  const driver = () => nodes[owner] as SimulatedNode

  const orders = createConnectionOrders((number, device) => {
    const node = nodes[number]
    return talks(node) && node.live().some((held) => held.device === device)
  })

  /** Does something once the node that drives the calls is awake, if it drives them still. */
  function asDriver(act: () => void): void {
    const begun = ownerships
    driver().whenAwake(() => begun === ownerships && act())
  }

  /** What a node has to say of legs, to whoever drives the calls; lost where the bus is. */
  function report(from: number, act: () => void): void {
    if (from === owner) act()
    else if (talks(nodes[from]) && driver().isUp() && driver().hasBus()) asDriver(act)
  }

  const presenceBus = traits.isWatched ? createPresenceBus(queue, random, !several) : null
  /** By node: what its process of now has of that bus. */
  const presenceEnds = new Map<number, NodeBus>()
  const statusOf = () => ({ status: hidings > 0 ? 'invisible' : 'available', until: null }) as const

  const dependenciesOf = (number: number): NodeDependencies => ({
    presence: presenceBus && {
      name: String(number),
      bus: (end) => {
        const opened = presenceBus.open(number, end)
        presenceEnds.set(number, opened)
        return opened
      },
      contacts: () => {
        if (!canWrite()) throw new Error('the database is gone')
        return [
          { userId: 'callee', status: statusOf(), isHidden: false },
          { userId: 'watcher', status: { status: 'available', until: null }, isHidden: false },
        ]
      },
    },
    clock,
    rate,
    random,
    hasOthers: several,
    canWrite,
    refusal: () => refusals[0] ?? (revocations > 0 ? 'sessionEnded' : null),
    claim: (claim) => {
      if (!several) return { kind: 'granted', takeOver: claim.takeOver }
      return canWrite() ? orders.claim(number, claim) : null
    },
    gone: orders.gone,
    welcomeOf: () => ({ missed: calls.missed(), ringing: calls.ringing() }),
    heard: (connection, device, message) => {
      if (personOf(device) !== 'callee') return
      if (message.type === 'rings') report(number, () => calls.heard(connection, device, message))
      else if (can(driver())) calls.heard(connection, device, message)
      else calls.endOnRecord(connection, device, message)
    },
    leaseGained: ({ connection, device }) => {
      if (several) tellOlder(number, device)
      if (personOf(device) === 'callee') report(number, () => calls.leaseGained(connection))
    },
    lost: (connection, by) => report(number, () => calls.lost(connection, by)),
    leaseEnded: hooks.leaseEnded,
    hungChanged: (hung) => hungChanged(number, hung),
  })

  /** The device's older connections at other nodes are over, once they hear of it. */
  function tellOlder(from: number, device: string): void {
    const sent = talks(nodes[from])
    nodes.forEach((node, number) => {
      if (number === from) return
      queue.at(queue.now() + random() * busWithin, () => {
        if (sent && node.isUp() && node.hasBus()) node.whenAwake(() => replaceOlder(number, device))
        else lookAtOlder(number, device)
      })
    })
  }

  /** Who did not hear it finds it in the record. */
  function lookAtOlder(number: number, device: string): void {
    queue.at(queue.now() + random() * lookWithin, () => {
      const node = nodes[number]
      if (!node?.isUp()) return
      if (talks(node) && canWrite()) replaceOlder(number, device)
      if (node.connections().some((held) => held.device === device) && orders.elsewhere(number, device))
        lookAtOlder(number, device)
    })
  }

  function replaceOlder(number: number, device: string): void {
    const newest = orders.elsewhere(number, device)
    const other = newest && nodes[newest.node]
    if (!newest || !talks(other) || !other.live().some((held) => held.device === device)) return
    nodes[number]?.dispatch({ kind: 'replaced', device, by: newest.connection, order: newest.order })
  }

  /** Of nodes whose legs are not heard of any more: what is done when that is found. */
  const unfelt = new Map<number, () => void>()

  /** Whoever drives the calls finds that it hears of a node's legs no more. */
  function isUnheard(number: number, legs: () => void): void {
    const find = () => {
      unfelt.delete(number)
      asDriver(legs)
    }
    const cancel = queue.at(queue.now() + random() * feltWithin, find)
    unfelt.set(number, () => {
      cancel()
      find()
    })
  }

  /** It hears of them again: what holds a lease there is asked anew. */
  function isHeard(number: number): void {
    unfelt.get(number)?.()
    if (number === owner) return
    for (const { connection } of nodes[number]?.live('callee') ?? [])
      report(number, () => calls.leaseGained(connection))
  }

  function hungChanged(number: number, hung: boolean): void {
    if (!several) return
    if (!hung) isHeard(number)
    else if (number === owner) takeOverIn(deadAfter + random() * 1_000)
    else isUnheard(number, () => calls.nodeLost(String(number)))
  }

  /** Another node drives the calls, unless the one that did is back by then. */
  function takeOverIn(delay: number): void {
    const begun = ownerships
    queue.at(queue.now() + delay, () => {
      if (begun !== ownerships || talks(driver())) return
      takeOver(() => true)
    })
  }

  function takeOver(may: (node: SimulatedNode) => boolean): void {
    const number = nodes.findIndex((node, index) => index !== owner && talks(node) && may(node))
    if (number < 0) {
      if (!talks(driver())) takeOverIn(1_000)
      return
    }
    calls.crashed()
    owner = number
    ownerships += 1
    calls.adopted()
    deliver()
  }

  /** What could not be told for want of the bus is told by whoever has it next. */
  let undelivered: (() => void)[] = []
  function deliver(): void {
    const late = undelivered
    undelivered = []
    for (const act of late) act()
  }

  function say(connection: string, message: ServerMessage): void {
    const node = at(connection)
    if (node?.isUp() && node.hasBus()) node.whenAwake(() => node.say(connection, message))
  }

  const calls = createServerCalls(queue, {
    // The only node of a service that could have more, or a server with a database of its own.
    isNode: several || random() < 0.5,
    clock,
    rate,
    random,
    isUp: () => driver().isUp(),
    whenAwake: asDriver,
    canWrite,
    live: () =>
      nodes.flatMap((node, number) => {
        const hears = number === owner || (talks(node) && driver().hasBus())
        return hears ? node.live('callee').map((held) => ({ ...held, node: String(number) })) : []
      }),
    connections: () => nodes.flatMap((node) => node.connections('callee')),
    say: (connection, message) => {
      const node = at(connection)
      if (node === driver()) node.say(connection, message)
      else if (!driver().hasBus()) undelivered.push(() => say(connection, message))
      else say(connection, message)
    },
    ringUnanswered: (connection) => {
      const node = at(connection)
      node?.whenAwake(() => node.dispatch({ kind: 'ring-unanswered', connection }))
    },
    over: hooks.callOver,
  })

  const nodes: readonly SimulatedNode[] = Array.from({ length: traits.nodes }, (_, number) =>
    createNode(queue, dependenciesOf(number)),
  )

  const leaseOf = (connection: string): number | null =>
    at(connection)
      ?.live()
      .find((held) => held.connection === connection)?.until ?? null

  /** By those who send connections there, who look every few seconds only. */
  const isSentTo = (one: SimulatedNode) =>
    !several || one.isOpen() || queue.now() - one.closedAt() < seenWithin * random()

  const node = (number: number) => nodes[number % nodes.length] as SimulatedNode

  return {
    calls,
    clock,
    nodes,
    node,
    accept: () => {
      const open = nodes.flatMap((one, number) => (isSentTo(one) ? [number] : []))
      const number = open[Math.floor(random() * open.length)]
      const taken = nodes[number ?? -1]
      if (!taken?.isUp() || (several && !taken.isOpen())) return null
      connections += 1
      const name = String(connections)
      places.set(name, number ?? 0)
      return { name, ...taken.accept(name) }
    },
    isUp: () => nodes.some((one) => one.isUp()),
    isHung: () => nodes.some((one) => one.isUp()) && nodes.every((one) => !one.isUp() || one.isHung()),
    isHungAt: (connection) => at(connection)?.isHung() ?? false,
    rate,
    nodeOf: (connection) => places.get(connection),
    canTell: (number) => talks(nodes[number]),
    drives: () => talks(driver()),
    wouldRing: (connection) => canWrite() && talks(at(connection)) && leaseOf(connection) !== null,
    hears: (connection) => talks(at(connection)) && (at(connection) === driver() || talks(driver())),
    leaseEnds: (connection) => {
      const until = leaseOf(connection)
      return until === null ? null : until / rate
    },
    crash: (number) => {
      const crashed = number % nodes.length
      const it = node(number)
      const legs = it.connections('callee')
      it.crash()
      if (crashed === owner) {
        calls.crashed()
        if (several) takeOverIn(deadAfter * random() + 1_000)
      } else
        isUnheard(crashed, () => {
          for (const { connection } of legs) calls.lost(connection, null)
        })
      return () => {
        it.restart()
        // It finds what is left of calls before anybody can ask.
        if (crashed === owner && it.isUp()) calls.restarted()
      }
    },
    drain: (number) => {
      const it = node(number)
      const end = it.drain()
      if (several && it === driver()) takeOver((other) => other.isOpen())
      return () => {
        const legs = it.connections('callee')
        if (!end()) return
        if (it !== driver()) for (const { connection } of legs) asDriver(() => calls.lost(connection, null))
        else {
          calls.crashed()
          calls.restarted()
        }
      }
    },
    loseBus: (number) => {
      // A server alone has a bus in itself.
      if (!several) return () => {}
      const lost = number % nodes.length
      const it = node(number)
      const found = it.loseBus()
      if (lost === owner) {
        asDriver(() => calls.busLost())
        takeOverIn(random() * 1_000)
      } else isUnheard(lost, () => calls.nodeLost(String(lost)))
      return () => {
        found()
        if (!it.hasBus()) return
        if (lost !== owner) isHeard(lost)
        else {
          asDriver(() => calls.busReturned())
          deliver()
        }
      }
    },
    revoke: () => {
      revocations += 1
      for (const one of nodes) one.endSessions()
      return () => {
        revocations -= 1
      }
    },
    loseStorage: () => {
      storageLosses += 1
      for (const one of nodes) one.whenAwake(() => one.dispatch({ kind: 'storage-lost' }))
      return () => {
        storageLosses -= 1
        for (const one of nodes) one.whenAwake(() => one.dispatch({ kind: 'tick' }))
      }
    },
    refuse: (why) => {
      refusals = [...refusals, why]
      return () => {
        refusals = without(refusals, why)
      }
    },
    isHidden: () => hidings > 0,
    hide: () => {
      const say = () => {
        const number = nodes.findIndex(talks)
        if (number < 0 || !canWrite()) return false
        const from = presenceEnds.get(number)
        // It is told once it is written.
        queue.at(queue.now(), () => from?.publish(presenceSubject('callee'), { kind: 'status' }))
        return true
      }
      if (!say()) return undefined
      hidings += 1
      return () => {
        hidings -= 1
        say()
      }
    },
  }
}
