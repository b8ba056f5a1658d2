import type { RoomSignal } from '../../../protocol/room.ts'
import { type Negotiation, negotiate, type Way } from '../../../web/room/negotiation.ts'
import { createFakePeer, type FakePeer, type Network, type Side } from './fake-peer.ts'

/** What comes to a page by its connection to the server. */
type Told =
  | { readonly type: 'signal'; readonly signal: RoomSignal }
  | { readonly type: 'ice' }
  /** A connection was made anew: its own, or the other one's. */
  | { readonly type: 'resume'; readonly own: boolean }

const sides = [0, 1] as const
const otherOf = (side: Side): Side => (side === 0 ? 1 : 0)

/** A way that stopped working is noticed by the browser after so long, and given up after so long more, in ms. */
const noticedAfter = 5_000
const givenUpAfter = 15_000

/** So many turns, and whatever was settled at once has been heard of. */
const turns = 14

interface Timer {
  readonly at: number
  readonly run: () => void
}

/**
 * Two pages that speak with each other over a server, in simulated time: of what can happen next nothing does before it is
 * chosen. The caller is side 0, and offers first.
 *
 * @param iceTakes so long what ICE needs to find a way is there before it has found it, in ms.
 */
export function twoPeers({ iceTakes = 0 } = {}) {
  let now = 0
  let timers: Timer[] = []
  /** What each browser does next, in its order. */
  const tasks: [(() => void)[], (() => void)[]] = [[], []]
  /** What is on its way to each page. */
  const inbox: [Told[], Told[]] = [[], []]
  const connected = [true, true]
  let addresses = 2
  const addressOf: [number | null, number | null] = [1, 2]
  const network: Network = { addressOf: (side) => addressOf[side] }
  const ways: [Way, Way] = ['connecting', 'connecting']
  const faults: string[] = []
  /** The addresses between which the way leads that both have found. */
  let found: readonly (number | null)[] | undefined
  /** By which credentials and addresses it looks at this moment, and since when. */
  let looking: { readonly by: string; readonly since: number } | undefined

  const after = (milliseconds: number, run: () => void) => {
    const timer = { at: now + milliseconds, run }
    timers.push(timer)
    return () => {
      timers = timers.filter((one) => one !== timer)
    }
  }

  const peers = sides.map((side) => createFakePeer(network, side, (task) => tasks[side].push(task))) as [
    FakePeer,
    FakePeer,
  ]

  const negotiations = sides.map((side) =>
    negotiate({
      peer: peers[side] as unknown as RTCPeerConnection,
      polite: side === 1,
      send: (signal) => {
        if (connected[side] && connected[otherOf(side)])
          inbox[otherOf(side)].push({ type: 'signal', signal: JSON.parse(JSON.stringify(signal)) })
      },
      askForServers: () => {
        if (connected[side]) inbox[side].push({ type: 'ice' })
      },
      configured: () => ({}),
      beforeAnswer: () => {},
      onWay: (way) => {
        ways[side] = way
      },
      onBroken: (error) => faults.push(`side ${side}: ${error}`),
      after,
    }),
  ) as [Negotiation, Negotiation]

  function hear(side: Side) {
    const told = inbox[side].shift()
    switch (told?.type) {
      case 'signal':
        return negotiations[side].hear(told.signal)
      case 'ice':
        return negotiations[side].useServers({ servers: [], goodFor: null })
      case 'resume':
        return negotiations[side].resume(told.own)
    }
  }

  function matches(): boolean {
    const [mine, theirs] = [peers[0].credentials(), peers[1].credentials()]
    return mine !== null && theirs !== null && mine[0] === theirs[1] && mine[1] === theirs[0]
  }

  /**
   * Ice: both have credentials of each other, each looks from where it is now, and one knows where the other is. A way that
   * works is used until then.
   */
  function lookForWay(): void {
    const [one, other] = addressOf
    const by = couldFind() ? JSON.stringify([peers[0].credentials(), one, other]) : undefined
    if (by !== looking?.by) {
      looking = by === undefined ? undefined : { by, since: now }
      // Whoever lets time pass looks again then.
      if (looking && iceTakes > 0) after(iceTakes, () => {})
    }
    if (looking && now - looking.since >= iceTakes) found = [one, other]
  }

  function couldFind(): boolean {
    const [one, other] = addressOf
    if (one === null || other === null || !matches()) return false
    if (!peers[0].hasFound(one) || !peers[1].hasFound(other)) return false
    return peers[0].knowsAddress(other) || peers[1].knowsAddress(one)
  }

  const works = () =>
    found !== undefined && found[0] !== null && found[0] === addressOf[0] && found[1] === addressOf[1]

  const lookedAt: [string, string] = ['new', 'new']

  function noticeWay(): void {
    lookForWay()
    const state = works() ? 'works' : 'broken'
    for (const side of sides) {
      if (lookedAt[side] === state) continue
      if (lookedAt[side] === 'new' && state === 'broken') continue
      lookedAt[side] = state
      const become = (next: RTCPeerConnectionState) => tasks[side].push(() => peers[side].become(next))
      if (state === 'works') become('connected')
      else {
        const isStill = () => lookedAt[side] === 'broken'
        after(noticedAfter, () => isStill() && become('disconnected'))
        after(givenUpAfter, () => isStill() && become('failed'))
      }
    }
  }

  async function settle(): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) await undefined
    noticeWay()
  }

  function passTime(to: number): void {
    for (;;) {
      const due = timers.filter(({ at }) => at <= to).sort((one, other) => one.at - other.at)[0]
      if (!due) break
      timers = timers.filter((one) => one !== due)
      now = due.at
      due.run()
    }
    now = to
  }

  /** Loses a page's connection to the server, with what is on its way to it, and of what it said the last `unsaid`. */
  function cut(side: Side, unsaid: number): void {
    if (!connected[side]) return
    connected[side] = false
    inbox[side].length = 0
    const said = inbox[otherOf(side)]
    for (let lost = 0; lost < unsaid && said.at(-1)?.type === 'signal'; lost += 1) said.pop()
  }

  function reconnect(side: Side): void {
    if (connected[side]) return
    connected[side] = true
    inbox[side].push({ type: 'resume', own: true })
    if (connected[otherOf(side)]) inbox[otherOf(side)].push({ type: 'resume', own: false })
  }

  /** What can happen next, besides what is the world's doing. */
  const due = (): (() => void)[] => [
    ...sides.filter((side) => tasks[side].length > 0).map((side) => () => tasks[side].shift()?.()),
    ...sides.filter((side) => inbox[side].length > 0).map((side) => () => hear(side)),
  ]

  peers[0].addTransceiver()
  peers[0].addTransceiver()

  const world = {
    peers,
    negotiations,
    ways,
    faults,
    now: () => now,
    works,
    matches,
    due,
    cut,
    /** What is to come to a page next does not, and nobody knows. */
    lose: (side: Side) => {
      if (inbox[side][0]?.type === 'signal') inbox[side].shift()
    },
    reconnect,
    /** Another address; none while `is` is false. */
    setNetwork: (side: Side, is: boolean) => {
      addresses += 1
      addressOf[side] = is ? addresses : null
    },
    pass: (milliseconds: number) => passTime(now + milliseconds),
    /** The time until something is to be done that waits for it; undefined where nothing does. */
    nextTimer: () => (timers.length === 0 ? undefined : Math.min(...timers.map(({ at }) => at)) - now),
    settle,
    /** Does all that is due, in turn, and lets as much time pass. */
    async live(milliseconds: number): Promise<void> {
      const until = now + milliseconds
      await settle()
      for (;;) {
        const [next] = due()
        if (next) next()
        else {
          const wait = world.nextTimer()
          if (wait === undefined || now + wait > until) break
          passTime(now + wait)
        }
        await settle()
      }
      passTime(until)
      await settle()
    },
    /** All that was broken is whole. */
    mendAll(): void {
      for (const side of sides) {
        if (addressOf[side] === null) world.setNetwork(side, true)
        reconnect(side)
      }
    },
    close: () => {
      for (const negotiation of negotiations) negotiation.close()
    },
  }
  return world
}

export type TwoPeers = ReturnType<typeof twoPeers>
