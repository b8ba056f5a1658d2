import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { addressKey } from '../accounts/address-key.ts'

/** How many connections are held at once, of whatever kind: TCP connections, requests, WebSockets. */
export interface ConnectionCaps {
  /** Of one address, from the WebSocket on that would be one too many. */
  readonly perAddress: number
  /** Of one address, of those that have not shown whose they are. */
  readonly strangersPerAddress: number
  /** Of everybody: a few less than the files that this process may have open. */
  readonly inAll: number
}

/** What a process needs besides connections: its database, its log, mails and questions on their way out. */
const filesBesides = 64

/**
 * @param files how many files the process may have open.
 * @param perAddress as the operator set it.
 */
export function connectionCaps(files: number, perAddress: number): ConnectionCaps {
  const inAll = Math.max(files - filesBesides, Math.floor(files / 2))
  return { perAddress, strangersPerAddress: Math.min(Math.max(Math.floor(inAll / 4), 1), 5_000), inAll }
}

export interface ConnectionLimitsDependencies {
  readonly caps: ConnectionCaps
  /** A proxy stands before us: its connections are everybody's, until a request says whose. */
  readonly trustProxy: boolean
  readonly addressOf: (request: IncomingMessage) => string
}

export interface ConnectionCounts {
  readonly held: number
  readonly admitted: number
  /** Since the beginning: strangers' connections that made room for newer ones, and WebSockets that were refused. */
  readonly ended: number
  readonly refused: number
}

/**
 * Keeps one address from holding all the connections that there can be. A connection is a *stranger's* until its
 * session or key was proven, and again when a request of it is over. Where there are too many of those, the oldest of
 * the address that has most ends: whoever floods pushes out their own, and an honest one, which is welcomed within
 * milliseconds, gets through. One that is admitted ends for nobody.
 */
export interface ConnectionLimits {
  /** Counts the connections of a server from now on. */
  watch(server: Server): void
  /** @returns whether the request's address has room for one more WebSocket. */
  hasRoom(request: IncomingMessage): boolean
  /**
   * The session or key of this connection was proven.
   *
   * @param by whose request it is, until that is over; of one key or person, and of all, so many are admitted at once.
   *   What is beyond stays a stranger's. Without it, a device's WebSocket, of which presence lets each person have few.
   */
  admit(socket: Duplex, by?: string): void
  readonly counts: ConnectionCounts
  /** @returns the address of which most were ended or refused since the last time, and how many; undefined without any. */
  takeReport(): { readonly from: string; readonly ended: number; readonly refused: number } | undefined
}

interface Held {
  readonly socket: Duplex
  group: Group
  admitted: boolean
  /** Whose request is admitted. */
  by?: string | undefined
}

/** The connections of one address. */
interface Group {
  readonly key: string
  /** Oldest first. */
  readonly strangers: Set<Held>
  admitted: number
}

/** What a refused request or WebSocket is told. */
export const noRoom = '503 Service Unavailable\r\nRetry-After: 5'

/** Answers what is no request of the HTTP server's any more, or not yet. Whoever does not read it, or go, is not waited for. */
export function endWith(stream: Duplex, status: string): void {
  stream.once('finish', () => stream.destroy())
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** Whose a proxy's connection is, between two requests. */
const proxy = ''

/** How many addresses are told apart in a report. */
const mostReported = 1_000

export function createConnectionLimits({
  caps,
  trustProxy,
  addressOf,
}: ConnectionLimitsDependencies): ConnectionLimits {
  const all = new Map<Duplex, Held>()
  const groups = new Map<string, Group>()
  const crowds = createCrowds()
  const total = { ended: 0, refused: 0 }
  const since = { ended: 0, refused: 0 }
  let blamed = new Map<string, number>()
  let admitted = 0
  /** How many requests of each key or person are admitted. */
  const requests = new Map<string, number>()
  let requestsInAll = 0

  const groupOf = (key: string): Group => {
    const group = groups.get(key) ?? { key, strangers: new Set(), admitted: 0 }
    groups.set(key, group)
    return group
  }

  const enter = (held: Held) => {
    const { group } = held
    groups.set(group.key, group)
    if (held.admitted) {
      group.admitted += 1
      admitted += 1
    } else {
      group.strangers.add(held)
      crowds.resized(group)
    }
  }

  const leave = (held: Held) => {
    const { group } = held
    if (held.admitted) {
      group.admitted -= 1
      admitted -= 1
      if (held.by !== undefined) uncount(held.by)
      held.by = undefined
    } else {
      group.strangers.delete(held)
      crowds.resized(group)
    }
    if (group.admitted + group.strangers.size === 0) groups.delete(group.key)
  }

  const mayBeAdmitted = (by: string) =>
    (requests.get(by) ?? 0) < caps.strangersPerAddress && requestsInAll < caps.inAll / 2

  const countRequest = (by: string) => {
    requests.set(by, (requests.get(by) ?? 0) + 1)
    requestsInAll += 1
  }

  const uncount = (by: string) => {
    const left = (requests.get(by) ?? 0) - 1
    if (left > 0) requests.set(by, left)
    else requests.delete(by)
    requestsInAll -= 1
  }

  /** Comes as the newest into another group, or state. */
  const change = (held: Held, to: { readonly key?: string; readonly admitted?: boolean }) => {
    const { key = held.group.key, admitted: now = held.admitted } = to
    if (key === held.group.key && now === held.admitted) return
    leave(held)
    held.group = groupOf(key)
    held.admitted = now
    enter(held)
    limitStrangers(held.group)
  }

  const blame = (key: string, what: 'ended' | 'refused') => {
    total[what] += 1
    since[what] += 1
    if (blamed.has(key) || blamed.size < mostReported) blamed.set(key, (blamed.get(key) ?? 0) + 1)
  }

  const forget = (held: Held) => {
    if (all.delete(held.socket)) leave(held)
  }

  /** Ends the oldest stranger's connection of an address, but for one. @returns false when there is none. */
  const endOldest = (group: Group | undefined, but?: Held): boolean => {
    for (const held of group?.strangers ?? []) {
      if (held === but) continue
      forget(held)
      blame(held.group.key, 'ended')
      held.socket.destroy()
      return true
    }
    return false
  }

  const limitStrangers = (group: Group) => {
    if (group.key !== proxy && group.strangers.size > caps.strangersPerAddress) endOldest(group)
  }

  const onConnection = (socket: Duplex & { readonly remoteAddress?: string | undefined }) => {
    const key = trustProxy ? proxy : addressKey(socket.remoteAddress ?? '')
    const held: Held = { socket, group: groupOf(key), admitted: false }
    all.set(socket, held)
    enter(held)
    socket.once('close', () => forget(held))
    limitStrangers(held.group)
    if (all.size > caps.inAll && !endOldest(crowds.largest(), held)) refuse(held)
  }

  /** Everybody who is here was admitted, and nobody has to go for a stranger. */
  const refuse = (held: Held) => {
    forget(held)
    blame(held.group.key, 'refused')
    endWith(held.socket, noRoom)
  }

  /** Behind a proxy only a request says whose a connection is, and only for as long as it is under way. */
  const attribute = (request: IncomingMessage): Held | undefined => {
    const held = all.get(request.socket)
    if (held && trustProxy) change(held, { key: addressKey(addressOf(request)) })
    return held
  }

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const held = attribute(request)
    if (!held) return
    response.once('close', () => {
      if (all.has(held.socket)) change(held, { admitted: false, ...(trustProxy && { key: proxy }) })
    })
  }

  return {
    watch(server) {
      server.on('connection', onConnection)
      server.prependListener('request', onRequest)
    },
    hasRoom(request) {
      const held = attribute(request)
      // Ended for another at this very moment: there is nobody to answer.
      if (!held) return false
      const { group } = held
      if (group.admitted + group.strangers.size <= caps.perAddress) return true
      if (endOldest(group, held)) return true
      blame(group.key, 'refused')
      return false
    },
    admit(socket, by) {
      const held = all.get(socket)
      if (!held || held.admitted || (by !== undefined && !mayBeAdmitted(by))) return
      change(held, { admitted: true })
      held.by = by
      if (by !== undefined) countRequest(by)
    },
    get counts() {
      return { held: all.size, admitted, ...total }
    },
    takeReport() {
      const report = { ...since }
      const [most] = [...blamed].sort(([, one], [, other]) => other - one)
      since.ended = 0
      since.refused = 0
      blamed = new Map()
      return most && { from: most[0], ...report }
    },
  }
}

/** Knows at once which address has most strangers' connections; of several with as many, the one that had so many first. */
function createCrowds() {
  const sizes = new Map<Group, number>()
  const bySize = new Map<number, Set<Group>>()
  let largest = 0
  return {
    /** A group has one more or one less than it had. */
    resized(group: Group): void {
      const before = sizes.get(group) ?? 0
      const now = group.strangers.size
      const old = bySize.get(before)
      old?.delete(group)
      if (old?.size === 0) bySize.delete(before)
      sizes.delete(group)
      if (now > 0) {
        sizes.set(group, now)
        bySize.set(now, (bySize.get(now) ?? new Set()).add(group))
      }
      largest = Math.max(largest, now)
      while (largest > 0 && !bySize.has(largest)) largest -= 1
    },
    largest(): Group | undefined {
      return bySize.get(largest)?.values().next().value
    },
  }
}
