import fc from 'fast-check'
import { expect, test } from 'vitest'
import { networksOf } from '../../../server/accounts/address-key.ts'
import {
  emptyQueue,
  enqueue,
  finish,
  type HashingQueue,
  type Ticket,
} from '../../../server/accounts/hashing-queue.ts'

/** A queue that is driven by hand, and what became of everybody. */
function driven(random?: () => number) {
  let queue: HashingQueue = emptyQueue(0)
  let now = 0
  let number = 0
  const started: Ticket[] = []
  const refused: Ticket[] = []
  const note = (tickets: Ticket[], ticket: Ticket | undefined) => ticket && tickets.push(ticket)
  return {
    started,
    refused,
    queue: () => queue,
    wait: (ms: number) => {
      now += ms
    },
    ask(from: string | readonly string[], priority: Ticket['priority'] = 'unknown') {
      number += 1
      const ticket = { number, from: typeof from === 'string' ? [from] : from, priority }
      const admission = enqueue(queue, ticket, now, random)
      queue = admission.queue
      note(started, admission.started)
      note(refused, admission.refused)
      return ticket
    },
    end() {
      const next = finish(queue, now)
      queue = next.queue
      note(started, next.started)
    },
  }
}

test('W4.8 two are hashed at once; the others wait their turn', () => {
  const { ask, end, started } = driven()
  const [one, two, three] = [ask('a'), ask('b'), ask('c')]
  expect(started).toEqual([one, two])
  end()
  expect(started).toEqual([one, two, three])
})

test('W4.8 one stranger among sixty others waits for 24 turns at most, unless the lot falls on them', () => {
  const { ask, end, started, refused } = driven(() => 0)
  for (let n = 0; n < 60; n += 1) ask(`address ${n}`)
  const late = ask('late')
  let ended = 0
  while (!started.includes(late)) {
    end()
    ended += 1
  }
  expect(ended).toBeLessThanOrEqual(24)
  expect(refused).toHaveLength(61 - 2 - 24)
})

test('W4.8 who asks much from one address waits behind who asks once, and is the one who is refused', () => {
  const { ask, end, started, refused, queue } = driven()
  for (let n = 0; n < 60; n += 1) ask('much')
  const once = ask('once')
  end()
  expect(started.at(-1)).toBe(once)
  expect(refused.flatMap(({ from }) => from)).toEqual(Array.from({ length: 35 }, () => 'much'))
  // Who waited there first keeps their turn.
  expect(queue().waiting.map(({ number }) => number)).toEqual(Array.from({ length: 23 }, (_, n) => n + 3))
})

test('W4.8 who had turns lately is behind who had none, until a minute is over', () => {
  const { ask, end, started, wait } = driven()
  for (let n = 0; n < 10; n += 1) {
    ask('often')
    end()
  }
  ask('x')
  ask('y')
  const often = ask('often')
  const fresh = ask('fresh')
  end()
  expect(started.at(-1)).toBe(fresh)
  end()
  expect(started.at(-1)).toBe(often)
  wait(60_000)
  const again = ask('often')
  ask('fresh')
  end()
  expect(started.at(-1)).toBe(again)
})

test('W4.8 whoever is known has the right of way, and no stranger takes their place', () => {
  const { ask, end, started, refused } = driven()
  for (let n = 0; n < 40; n += 1) ask(`address ${n}`)
  const known = Array.from({ length: 64 }, (_, n) => ask(`person ${n}`, 'known'))
  for (let n = 0; n < 40; n += 1) ask(`other ${n}`)
  expect(refused.filter(({ priority }) => priority === 'known')).toEqual([])
  const before = started.length
  for (let n = 0; n < 64 + 21; n += 1) end()
  const turns = started.slice(before)
  expect(turns.filter(({ priority }) => priority === 'known')).toEqual(known)
  // Every fourth is for a stranger, so that nothing that is done with a right keeps them all out.
  for (const [n, { priority }] of turns.entries())
    expect(priority, String(n)).toBe(n % 4 === 3 ? 'unknown' : 'known')
  for (let n = 0; n < 30; n += 1) ask('more', 'known')
  ask('person 0', 'known')
  expect(refused.filter(({ priority }) => priority === 'known')).toEqual([])
})

test('W4.8 of strangers who want alike none is always the one who is refused, first or last', () => {
  const places = Array.from({ length: 25 }, (_, lot) => {
    const { ask, refused } = driven(() => (lot + 0.5) / 25)
    for (let n = 0; n < 27; n += 1) ask(`address ${n}`)
    return refused.map(({ number }) => number)
  })
  // The two that run are not sent away; the one who came last is as likely to be as the one who came first.
  expect(places).toEqual(Array.from({ length: 25 }, (_, n) => [n + 3]))
})

test('W4.8 strangers with ever new addresses of one provider take no turn from somebody elsewhere, nor those of one site', () => {
  const { ask, end, started, refused } = driven()
  let n = 0
  const flood = (network: string) => {
    for (let each = 0; each < 80; each += 1) {
      n += 1
      ask(networksOf(`2001:db8:${network}:${n.toString(16)}::1`))
    }
  }
  for (const [network, address] of [
    ['1', '192.0.2.9'],
    ['1', '2001:db8:2:1::1'],
  ] as const)
    for (let round = 0; round < 12; round += 1) {
      flood(network)
      const owner = ask(networksOf(address))
      flood(network)
      expect(refused).not.toContain(owner)
      end()
      expect(started.at(-1)).toBe(owner)
      for (let turn = 0; turn < 3; turn += 1) end()
    }
})

const step = fc.oneof(
  fc.record({
    from: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    priority: fc.constantFrom<Ticket['priority']>('known', 'unknown'),
  }),
  fc.constant('end' as const),
  fc.nat(70_000),
)

test('W4.8 whatever is asked in whatever order, each has one turn or is refused once, and no bound is passed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const { ask, end, wait, queue, started, refused } = driven()
      const asked: Ticket[] = []
      for (const each of steps) {
        if (typeof each === 'number') wait(each)
        else if (each !== 'end') asked.push(ask(each.from, each.priority))
        else if (queue().running > 0) end()
        const { running, waiting } = queue()
        expect(running).toBeLessThanOrEqual(2)
        if (waiting.length > 0) expect(running).toBe(2)
        expect(waiting.filter(({ priority }) => priority === 'known').length).toBeLessThanOrEqual(64)
        expect(waiting.filter(({ priority }) => priority === 'unknown').length).toBeLessThanOrEqual(24)
        const settled = [...started, ...refused, ...waiting].map(({ number }) => number)
        expect(settled.sort((a, b) => a - b)).toEqual(asked.map(({ number }) => number))
      }
      while (queue().running > 0) end()
      expect(started.length + refused.length).toBe(asked.length)
    }),
    { numRuns: 300 },
  )
})
