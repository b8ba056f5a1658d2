import { expect, test } from 'vitest'
import {
  firstLookFor,
  mostCorrections,
  newsAfter,
  noOutages,
  type OutageEffect,
  type Outages,
  patienceAtFirst,
  patienceAtMost,
  reduceOutages,
  type Seen,
  seenOf,
  tellsIn,
} from '../../../entrypoints/background/outage/outage-reducer.ts'
import type { SignedOutReason, UnreachableReason } from '../../../messages/state.ts'

/** One device whose clocks and light are in the test's hands. */
function device(began: Outages = noOutages) {
  let state = began
  let now = { mono: 1_000, wall: 1_700_000_000_000 }
  let seen: Seen = { kind: 'unknown' }
  let mayTell: boolean | null = true
  const said: string[] = []
  const take = (effects: readonly OutageEffect[]) => {
    for (const effect of effects) {
      if (effect.type === 'clear') said.push('clear')
      else if (effect.notice.says === 'back') said.push('back')
      else said.push(`off: ${effect.notice.why}`)
    }
  }
  const dispatch = (event: Parameters<typeof reduceOutages>[1]) => {
    const step = reduceOutages(state, event, now)
    state = step.state
    take(step.effects)
    for (const effect of step.effects)
      if (effect.type === 'show')
        state = reduceOutages(state, { type: 'appeared', notice: effect.notice }, now).state
  }
  const look = () => dispatch({ type: 'look', seen, mayTell })
  const at = (next: Seen) => {
    seen = next
    look()
  }
  const green = () => at({ kind: 'proven', confirmedAt: now.wall })
  const off = (why: UnreachableReason | null = 'no-network') => at({ kind: 'unproven', why })
  /** Awake, as the driver looks. */
  const pass = (ms: number, every = 1_000) => {
    for (let left = ms; left > 0; left -= every) {
      const step = Math.min(every, left)
      now = { mono: now.mono + step, wall: now.wall + step }
      look()
    }
  }
  return {
    state: () => state,
    wall: () => now.wall,
    /** What was shown and cleared since the last question. */
    said: () => said.splice(0),
    dispatch,
    green,
    off,
    /** From green, and for so long awake. */
    goesOffFor: (ms: number) => {
      green()
      off()
      pass(ms)
    },
    rest: () => at({ kind: 'at-rest' }),
    mayTell: (may: boolean | null) => {
      mayTell = may
      look()
    },
    pass,
    sleep: (ms: number) => {
      now = { mono: now.mono, wall: now.wall + ms }
      look()
    },
    /** Dies, and is there again after so long. */
    restart: (ms: number, memory = true) => {
      const { lookedAt: _, unseen: __, ...kept } = state
      now = { mono: 5, wall: now.wall + ms }
      state = noOutages
      seen = { kind: 'unknown' }
      look()
      dispatch({ type: 'restored', kept: memory ? kept : null, ago: ms, stands: true })
    },
  }
}

test('G3.1 an outage of less than 30 s is told to nobody', () => {
  const one = device()
  one.goesOffFor(29_000)
  one.green()
  one.pass(60_000)
  expect(one.said()).toEqual([])
})

test('G3.1 G3.2 an outage is told after 30 s, with its reason, and its end with the next proof, in its place', () => {
  const one = device()
  one.green()
  one.off(null)
  one.pass(10_000)
  one.off('server-silent')
  one.pass(20_000)
  expect(one.said()).toEqual(['off: server-silent'])
  expect(one.state().notice).toMatchObject({ why: 'server-silent' })
  one.off(null)
  one.pass(5_000)
  expect(one.said()).toEqual([])
  one.green()
  expect(one.said()).toEqual(['back'])
  one.green()
  expect(one.said()).toEqual([])
})

test('G3.2 "again" goes as soon as it is not so, though the outage is not told yet', () => {
  const one = device()
  one.goesOffFor(30_000)
  one.green()
  one.said()
  one.pass(5_000)
  one.off()
  expect(one.said()).toEqual(['clear'])
})

test('G3.3 whoever logs out is told nothing, and what stood there is taken away', () => {
  const one = device()
  one.green()
  one.rest()
  one.pass(600_000)
  expect(one.said()).toEqual([])
  one.goesOffFor(30_000)
  one.said()
  one.rest()
  expect(one.said()).toEqual(['clear'])
})

test('G3.3 a session that the server ended is told at once, and one that was over before the start is not', () => {
  const one = device()
  one.off('session-ended')
  one.pass(60_000)
  expect(one.said()).toEqual([])
  one.green()
  one.off('session-ended')
  expect(one.said()).toEqual(['off: session-ended'])
  one.rest()
  expect(one.said()).toEqual(['clear'])
})

test('G3.4 a sleep begins the count anew: nobody is told on waking what the network may mend', () => {
  const one = device()
  one.goesOffFor(25_000)
  one.sleep(8 * 3_600_000)
  expect(one.said()).toEqual([])
  one.pass(29_000)
  expect(one.said()).toEqual([])
  one.pass(1_000)
  expect(one.said()).toEqual(['off: no-network'])
})

test('G3.4 a network that comes and goes is told of later and later, and in the end it is', () => {
  const one = device()
  one.green()
  const told: number[] = []
  for (let outage = 0; outage < 4; outage += 1) {
    one.off()
    one.said()
    let after = 0
    while (one.said().length === 0 && after < patienceAtMost + 1_000) {
      one.pass(1_000)
      after += 1_000
    }
    told.push(after)
    one.green()
  }
  expect(told).toEqual([30_000, 120_000, 480_000, 480_000])
  one.pass(newsAfter + 1_000)
  one.off()
  one.said()
  one.pass(patienceAtFirst)
  expect(one.said()).toEqual(['off: no-network'])
})

test('G3.5 what an earlier worker saw is told by the next one, which first gets time to mend it', () => {
  const one = device()
  one.goesOffFor(25_000)
  one.restart(20_000)
  one.off(null)
  expect(one.said()).toEqual(['clear'])
  one.pass(firstLookFor - 1_000)
  expect(one.said()).toEqual([])
  one.pass(1_000)
  expect(one.said()).toEqual(['off: no-network'])
  one.restart(20_000)
  one.off(null)
  one.pass(60_000)
  expect(one.said()).toEqual([])
  one.green()
  expect(one.said()).toEqual(['back'])
})

test('G3.5 that a worker died under a green light is told, if the next one cannot mend it', () => {
  const one = device()
  one.green()
  one.restart(31_000)
  one.off(null)
  one.pass(13_000)
  expect(one.said()).toEqual(['clear'])
  one.pass(1_000)
  expect(one.said()).toEqual(['off: null'])
  const quick = device()
  quick.green()
  quick.restart(2_000)
  quick.off()
  quick.pass(29_000)
  expect(quick.said()).toEqual(['clear'])
})

test('G3.5 a machine that slept while the worker was dead is given its 30 s', () => {
  const one = device()
  one.goesOffFor(25_000)
  one.restart(3_600_000)
  one.off()
  one.pass(29_000)
  expect(one.said()).toEqual(['clear'])
})

test('G3.5 what stands there of a worker that left no memory is taken away', () => {
  const one = device()
  one.restart(1_000, false)
  expect(one.said()).toEqual(['clear'])
})

test('G3.6 since when it is off is when the last lease ended, is kept over the worker, and never invented', () => {
  const one = device()
  const began = one.wall()
  one.green()
  one.off()
  expect(one.state().outage?.since).toBe(began)
  one.green()
  one.sleep(3_600_000)
  one.off()
  expect(one.state().outage?.since).toBe(began + 14_250)
  one.restart(20_000)
  one.off()
  expect(one.state().outage?.since).toBe(began + 14_250)
  one.restart(20_000, false)
  one.off()
  expect(one.state().outage?.since).toBeNull()
  // Of somebody who has just logged in, or a browser that was just started, it is known.
  one.rest()
  one.pass(2_000)
  one.off()
  expect(one.state().outage?.since).toBe(one.wall())
  const started = device()
  started.dispatch({ type: 'browser-started' })
  started.off()
  expect(started.state().outage?.since).toBe(started.wall())
})

test('G3.7 who does not want to be told is not, and what stands there goes', () => {
  const one = device()
  one.mayTell(false)
  one.goesOffFor(60_000)
  expect(one.said()).toEqual([])
  one.mayTell(true)
  expect(one.said()).toEqual(['off: no-network'])
  one.mayTell(false)
  expect(one.said()).toEqual(['clear'])
  one.green()
  expect(one.said()).toEqual([])
})

test('G3.2 another reason is told in place of the first; a server that gives many is told without one', () => {
  const one = device()
  one.green()
  one.off('no-network')
  one.pass(30_000)
  one.said()
  const reasons = ['server-silent', 'outdated', 'taken-over', 'wrong-address', 'too-many-devices'] as const
  for (let round = 0; round < 20; round += 1) for (const why of reasons) one.off(why)
  expect(one.said()).toEqual([...reasons.slice(0, mostCorrections).map((why) => `off: ${why}`), 'off: null'])
})

test('G3.2 what the person has closed comes back for no other reason, but with the proof', () => {
  const one = device()
  one.green()
  one.off('no-network')
  one.pass(30_000)
  one.dispatch({ type: 'closed' })
  one.said()
  one.off('server-silent')
  expect(one.said()).toEqual([])
  one.green()
  expect(one.said()).toEqual(['back'])
})

test('G3.1 what the browser refused to show is not said to stand there, and is told when as long has passed again', () => {
  const one = device()
  one.goesOffFor(30_000)
  const { notice } = one.state()
  if (notice === null) throw new Error('Not told')
  one.said()
  one.dispatch({ type: 'refused', notice })
  expect(one.said()).toEqual(['clear'])
  one.off('server-silent')
  one.pass(29_000)
  expect(one.said()).toEqual([])
  one.pass(1_000)
  expect(one.said()).toEqual(['off: server-silent'])
  expect(tellsIn(one.state())).toBeNull()
})

test('G3.4 a busy machine, on which looks come late, tells it all the same; a gap in which it slept does not count', () => {
  const one = device()
  one.green()
  one.off()
  one.pass(33_000, 3_300)
  expect(one.said()).toEqual(['off: no-network'])
  const slept = device()
  slept.green()
  slept.off()
  slept.pass(29_000)
  // With clocks that both count sleep.
  slept.pass(60_000, 60_000)
  expect(slept.said()).toEqual([])
  slept.pass(29_000)
  expect(slept.said()).toEqual([])
  slept.pass(1_000)
  expect(slept.said()).toEqual(['off: no-network'])
})

test('G3.7 nobody is told until it is read whether they want to be', () => {
  const one = device()
  one.mayTell(null)
  one.goesOffFor(60_000)
  expect(one.said()).toEqual([])
  one.mayTell(true)
  expect(one.said()).toEqual(['off: no-network'])
})

test('G3.4 a worker that looked before it could read what was kept tells no sooner for that', () => {
  const one = device()
  one.goesOffFor(30_000)
  one.green()
  one.said()
  const { lookedAt: _, unseen: __, ...kept } = one.state()
  const next = device()
  next.off()
  next.dispatch({ type: 'restored', kept, ago: 5_000, stands: true })
  expect(next.said()).toEqual(['clear'])
  next.pass(119_000)
  expect(next.said()).toEqual([])
  next.pass(1_000)
  expect(next.said()).toEqual(['off: no-network'])
  // Its own stays, in place of what stood there.
  next.dispatch({ type: 'restored', kept, ago: 130_000, stands: true })
  expect(next.said()).toEqual([])
})

test('G3.3 who signed out by themselves expects no call; whom the server signed out does', () => {
  const signedOut = (why: SignedOutReason) =>
    seenOf(
      {
        kind: 'signed-out',
        why,
        resting: why === 'exited',
        draft: '',
        staySignedIn: false,
        atIssuer: 'idle',
      },
      { kind: 'unreachable', why: 'signed-out' },
    )
  for (const why of ['logged-out', 'exited', 'never'] as const) expect(signedOut(why).kind).toBe('at-rest')
  for (const why of ['ended', 'password-changed', 'ended-in-my-account'] as const)
    expect(signedOut(why)).toEqual({ kind: 'unproven', why: 'session-ended' })
  expect(seenOf({ kind: 'unknown' }, { kind: 'checking' }).kind).toBe('unknown')
  expect(seenOf({ kind: 'unknown' }, { kind: 'unreachable', why: 'storage' }).kind).toBe('unreadable')
})
