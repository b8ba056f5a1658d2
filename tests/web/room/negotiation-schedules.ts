import fc from 'fast-check'
import type { Side } from './fake-peer.ts'
import { type TwoPeers, twoPeers } from './two-peers.ts'

/** What the world does to the two, where it is not one of them that does what is due. */
type Doing =
  | { readonly kind: 'step'; readonly choice: number }
  | { readonly kind: 'pass'; readonly milliseconds: number }
  | {
      readonly kind: 'move' | 'unplug' | 'plug' | 'reconnect' | 'lose' | 'hurry' | 'ask'
      readonly side: Side
    }
  | { readonly kind: 'cut'; readonly side: Side; readonly unsaid: number }

const side = fc.constantFrom<Side>(0, 1)

const step: fc.Arbitrary<Doing> = fc.record({
  kind: fc.constant('step' as const),
  choice: fc.nat(3),
})

const doing: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 24, arbitrary: step },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      milliseconds: fc.constantFrom(1, 900, 1_000, 3_000, 5_000, 6_000, 16_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('move', 'unplug', 'plug', 'reconnect', 'reconnect', 'lose', 'hurry', 'ask'),
      side,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), side, unsaid: fc.nat(3) }) },
)

function act(world: TwoPeers, what: Doing) {
  switch (what.kind) {
    case 'step': {
      const due = world.due()
      due[what.choice % Math.max(1, due.length)]?.()
      return
    }
    case 'pass':
      return world.pass(what.milliseconds)
    case 'move':
    case 'plug':
      return world.setNetwork(what.side, true)
    case 'unplug':
      return world.setNetwork(what.side, false)
    case 'reconnect':
      return world.reconnect(what.side)
    case 'cut':
      return world.cut(what.side, what.unsaid)
    case 'lose':
      return world.lose(what.side)
    case 'hurry':
      return world.negotiations[what.side].hurry()
    case 'ask':
      // As after a change of network that only one side has noticed.
      return world.negotiations[what.side].resume(true)
  }
}

/** Longer than a way is left alone that was looked for while it could not be found, and found anew, in ms. */
const mendedBy = 40_000

export const schedules = fc.array(doing, { maxLength: 120, size: 'max' })

/** @returns what is wrong once all that was broken is whole again, and time has passed; nothing, as is hoped. */
export async function outcome(doings: readonly Doing[]): Promise<readonly string[]> {
  const world = twoPeers()
  for (const what of doings) {
    act(world, what)
    await world.settle()
  }
  world.mendAll()
  await world.live(mendedBy)
  const found = [...world.faults]
  for (const [at, peer] of world.peers.entries()) {
    if (peer.signalingState !== 'stable') found.push(`side ${at} is ${peer.signalingState}`)
    if (peer.lineCount() !== 2) found.push(`side ${at} has ${peer.lineCount()} lines`)
  }
  if (!world.matches()) found.push('the two have other credentials')
  if (!world.works()) found.push('there is no way')
  if (world.ways.some((way) => way !== 'connected')) found.push(`they say: ${world.ways}`)
  world.close()
  return found
}
