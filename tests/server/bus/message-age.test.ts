import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMessageAges, type Sent, watchSleep } from '../../../server/bus/message-age.ts'

/** A machine in a world with one time: it may sleep, or be paused with both its clocks; these run a little fast, and people set them. */
function machine(world: { now: number }, number: number) {
  const it = { slept: 0, paused: 0, set: 0, database: 0 }
  const monotonic = () => (world.now - it.slept - it.paused) * (1 + number * 1e-5) + number * 1e6
  const clocks = { monotonic, machine: () => world.now - it.paused + it.set }
  const hasSlept = watchSleep(clocks)
  let sleeps = 0
  return {
    ...clocks,
    it,
    wall: () => world.now + it.database,
    /** What it says of a message that it sends now. */
    sent(): Sent {
      if (hasSlept()) sleeps += 1
      return { from: `m${number}.${sleeps}`, monotonic: monotonic(), wall: world.now + it.database }
    },
    async asked(of: string) {
      return of === this.sent().from ? monotonic() : null
    },
  }
}

const step = fc.record({
  kind: fc.constantFrom('send', 'send', 'send', 'set', 'database', 'sleep', 'pause'),
  who: fc.constantFrom(0, 1, 2),
  ms: fc.constantFrom(-3_600_000, -7_000, 7_000, 60_000, 3_600_000),
  /** How long what is sent is under way. */
  lies: fc.constantFrom(1, 1, 300, 3_000, 7_000, 60_000, 3_600_000),
  /** Who sleeps meanwhile: nobody, the sender, the receiver, or both. */
  asleep: fc.nat(3),
  after: fc.constantFrom(0, 100, 10_000, 86_400_000),
})

test('B3.6 whatever clocks are set, run fast or stand still, what was under way for up to 3 s is handed on, and what lay for 7 s is not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const world = { now: 1e12 }
      const senders = [machine(world, 1), machine(world, 2)] as const
      const receiver = machine(world, 3)
      const all = [...senders, receiver]
      const ages = createMessageAges({
        monotonic: receiver.monotonic,
        machine: receiver.machine,
        wall: receiver.wall,
        ask: async (of) => senders[of.startsWith('m1') ? 0 : 1].asked(of),
      })
      for (const sender of senders) expect(await ages.isFresh(sender.sent())).toBe(true)
      for (const { kind, who, ms, lies, asleep, after } of steps) {
        world.now += after
        const one = all[who] ?? receiver
        if (kind === 'set') one.it.set += ms
        else if (kind === 'database') one.it.database += ms
        else if (kind === 'sleep') {
          world.now += Math.abs(ms)
          one.it.slept += Math.abs(ms)
        } else if (kind === 'pause') {
          world.now += Math.abs(ms)
          one.it.paused += Math.abs(ms)
        } else {
          const sender = who === 0 ? senders[0] : senders[1]
          const sent = sender.sent()
          world.now += lies
          // No sleep is told from none that is shorter than this.
          if (asleep & 1 && lies > 500) sender.it.slept += lies
          if (asleep & 2 && lies > 500) receiver.it.slept += lies
          const isFresh = await ages.isFresh(sent)
          if (lies > 5_000) expect([lies, asleep, isFresh]).toEqual([lies, asleep, false])
          // What slept together with its sender is of before the sleep, and may be dropped for that.
          else if (!(asleep & 1)) expect([lies, asleep, isFresh]).toEqual([lies, asleep, true])
        }
        // Each is heard every second: a clock that is set as far back as somebody sleeps in that second hides it.
        for (const sender of senders) await ages.isFresh(sender.sent())
      }
    }),
    { numRuns: Number(process.env.TRUTH_SCHEDULES ?? 2_000) },
  )
}, 3_600_000)

test('B3.6 what comes while its sender is asked waits its turn, and of a sender that does not answer nothing old is taken', async () => {
  let answer = (_: number | null | undefined) => {}
  const clock = { now: 0 }
  const ages = createMessageAges({
    monotonic: () => clock.now,
    machine: () => clock.now,
    wall: () => clock.now,
    ask: () => new Promise((resolve) => (answer = resolve)),
  })
  const sentAt = (at: number): Sent => ({ from: 'one', monotonic: at, wall: at })
  const first = ages.isFresh(sentAt(0))
  answer(0)
  expect(await first).toBe(true)
  expect(ages.isFresh(sentAt(0))).toBe(true)
  clock.now = 10_000
  const order: string[] = []
  const old = Promise.resolve(ages.isFresh(sentAt(1_000))).then((is) => order.push(`old ${is}`))
  const fresh = Promise.resolve(ages.isFresh(sentAt(10_000))).then((is) => order.push(`fresh ${is}`))
  answer(10_000)
  await Promise.all([old, fresh])
  expect(order).toEqual(['old false', 'fresh true'])
  const again = ages.isFresh(sentAt(1_000))
  answer(undefined)
  expect(await again).toBe(false)
  // Of a stranger that is gone the database's time is asked; of one whose machine has slept, nothing is believed.
  for (const [at, answered, is] of [
    [9_000, undefined, true],
    [1_000, undefined, false],
    [9_000, null, false],
  ] as const) {
    const stranger = ages.isFresh({ from: `stranger of ${at} ${answered}`, monotonic: 5, wall: at })
    answer(answered)
    expect(await stranger).toBe(is)
  }
})

test('B3.6 of what lay while the machine was paused, both its clocks with it, no more is taken than what shows that', async () => {
  const world = { now: 1e12 }
  const [sender, receiver] = [machine(world, 1), machine(world, 2)]
  const ages = createMessageAges({ ...receiver, ask: async (of) => sender.asked(of) })
  // Heard for an hour before, so that its clock's pace is far from what was asked first.
  for (let minute = 0; minute < 60; minute += 1) {
    world.now += 60_000
    expect(await ages.isFresh(sender.sent())).toBe(true)
  }
  const lay: { readonly sent: Sent; readonly at: number }[] = []
  for (let n = 0; n < 67; n += 1) {
    world.now += 900
    receiver.it.paused += 900
    lay.push({ sent: sender.sent(), at: world.now })
  }
  const old: boolean[] = []
  for (const { sent, at } of lay) {
    const isFresh = await ages.isFresh(sent)
    if (world.now - at > 5_000) old.push(isFresh)
    else expect(isFresh).toBe(true)
  }
  expect(old.filter(Boolean)).toEqual([])
})

test('B3.6 of a sender that was never heard, and is gone, all that came in time is taken', async () => {
  const clock = { now: 0 }
  let answer = (_: number | undefined) => {}
  const ages = createMessageAges({
    monotonic: () => clock.now,
    machine: () => clock.now,
    wall: () => clock.now,
    ask: () => new Promise((resolve) => (answer = resolve)),
  })
  const last = [1, 2, 3].map((at) => ages.isFresh({ from: 'one', monotonic: at, wall: at }))
  answer(undefined)
  expect(await Promise.all(last)).toEqual([true, true, true])
})

test('B3.6 a sender that goes on is asked anew once a minute, for which nothing waits, and one that went meanwhile was heard', async () => {
  const clock = { now: 0 }
  let asked = 0
  let answers = true
  const ages = createMessageAges({
    monotonic: () => clock.now,
    machine: () => clock.now,
    wall: () => clock.now,
    async ask() {
      asked += 1
      return answers ? clock.now : undefined
    },
  })
  const hear = () => ages.isFresh({ from: 'one', monotonic: clock.now, wall: clock.now })
  expect(await hear()).toBe(true)
  for (let second = 0; second < 600; second += 1) {
    clock.now += 1_000
    expect(hear()).toBe(true)
    await Promise.resolve()
  }
  expect(asked).toBe(10)
  answers = false
  clock.now += 100_000
  expect(hear()).toBe(true)
  await Promise.resolve()
  expect(hear()).toBe(true)
})
