import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { allReplies, type Bus } from '../../server/bus/bus.ts'
import { largestMessage } from '../../server/bus/message-text.ts'
import type { Json } from '../../server/json.ts'

/** Resolves when `near` reaches what has been subscribed to at `far` so far. */
export async function untilReached(near: Bus, far: Bus): Promise<void> {
  const subject = `ready.${randomUUID()}`
  const unsubscribe = far.subscribe(subject, () => 'here')
  await expect
    .poll(
      async () => {
        for await (const reply of near.request(subject, null, { within: 500 })) return reply
        return undefined
      },
      { timeout: 10_000 },
    )
    .toBe('here')
  unsubscribe()
}

/** Hears what is published on a subject. */
export const hearOn = (bus: Bus, subject: string) => {
  const heard: Json[] = []
  const unsubscribe = bus.subscribe(subject, (payload) => {
    heard.push(payload)
    return undefined
  })
  return { heard, unsubscribe }
}

/**
 * What every bus must do, whatever carries it.
 *
 * @param open gives two ends of a fresh bus that nobody uses: one that asks and one that hears. In one process they are
 *   the same.
 * @param beside gives one more end where the one that hears is; in one process the same too.
 */
export function busContract(
  open: () => Promise<readonly [near: Bus, far: Bus]>,
  beside: (far: Bus) => Promise<Bus>,
): void {
  // Over a network nobody knows how many subscribe: there a request that is answered ends with its time.
  const within = 300

  test('B1.1 a request that nobody subscribes to is answered at once, with nothing', async () => {
    const [near] = await open()
    const began = performance.now()
    expect(await allReplies(near.request('person.nobody', { kind: 'ring' }, { within: 60_000 }))).toEqual([])
    expect(performance.now() - began).toBeLessThan(1_000)
  })

  test('B1.2 a request gathers the reply of every subscriber', async () => {
    const [near, far] = await open()
    far.subscribe('person.ann', async () => ({ from: 1 }))
    far.subscribe('person.ann', () => ({ from: 2 }))
    near.subscribe('person.ann', () => ({ from: 3 }))
    far.subscribe('person.ben', () => ({ from: 4 }))
    await untilReached(near, far)
    const replies = await allReplies(near.request('person.ann', null, { within }))
    expect(replies).toHaveLength(3)
    expect(replies).toEqual(expect.arrayContaining([{ from: 1 }, { from: 2 }, { from: 3 }]))
  })

  test('B1.2 a request ends when its time is over, with the replies that came', async () => {
    const [near, far] = await open()
    far.subscribe('person.ann', () => 'quick')
    far.subscribe('person.ann', () => new Promise<Json>(() => {}))
    await untilReached(near, far)
    expect(await allReplies(near.request('person.ann', null, { within }))).toEqual(['quick'])
  })

  test('B1.2 a subscriber that fails, or has nothing to say, keeps no other from answering', async () => {
    const [near, far] = await open()
    far.subscribe('person.ann', () => {
      throw new Error('on purpose')
    })
    far.subscribe('person.ann', async () => undefined)
    far.subscribe('person.ann', () => null)
    await untilReached(near, far)
    expect(await allReplies(near.request('person.ann', null, { within }))).toEqual([null])
  })

  test('B1.3 each reply is there as it comes, and whoever has heard enough waits for no other', async () => {
    const [near, far] = await open()
    far.subscribe('person.ann', () => 'first')
    far.subscribe('person.ann', () => new Promise<Json>(() => {}))
    await untilReached(near, far)
    const began = performance.now()
    for await (const reply of near.request('person.ann', null, { within: 60_000 })) {
      expect(reply).toBe('first')
      break
    }
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  test('B1.3 a request begins with the call, before anybody looks at its replies', async () => {
    const [near, far] = await open()
    const { heard } = hearOn(far, 'person.ann')
    await untilReached(near, far)
    near.request('person.ann', 'unread', { within })
    await expect.poll(() => heard).toEqual(['unread'])
  })

  test('B1.5 what is published reaches every subscriber of the subject and no other, in order', async () => {
    const [near, far] = await open()
    const one = hearOn(far, 'call.1')
    const two = hearOn(far, 'call.1')
    const here = hearOn(near, 'call.1')
    const other = hearOn(far, 'call.12')
    await untilReached(near, far)
    for (const n of [1, 2, 3]) near.publish('call.1', { n })
    await expect.poll(() => two.heard).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect(one.heard).toEqual(two.heard)
    await expect.poll(() => here.heard).toEqual(two.heard)
    expect(other.heard).toEqual([])
  })

  test('B1.5 nothing is heard after the subscription ended, and others still hear', async () => {
    const [near, far] = await open()
    const one = hearOn(far, 'call.1')
    const two = hearOn(far, 'call.1')
    await untilReached(near, far)
    one.unsubscribe()
    one.unsubscribe()
    near.publish('call.1', 'late')
    await expect.poll(() => two.heard).toEqual(['late'])
    expect(one.heard).toEqual([])
    two.unsubscribe()
    await untilReached(near, far)
    expect(await allReplies(near.request('call.1', null, { within: 60_000 }))).toEqual([])
  })

  test('B1.6 a subject has no wildcard and no blank, and what is larger than 256 kB is refused as it is said', async () => {
    const [near, far] = await open()
    for (const subject of ['', 'person.*', 'person.>', 'person.a b', 'person.', 'person.a\r\nPUB x 0'])
      for (const use of [
        () => near.publish(subject, null),
        () => near.request(subject, null, { within }),
        () => near.subscribe(subject, () => null),
      ])
        expect(use, subject).toThrow(TypeError)
    const { heard } = hearOn(far, 'person.ann')
    await untilReached(near, far)
    const largest = 'x'.repeat(largestMessage - 2)
    expect(() => near.publish('person.ann', `${largest}é`)).toThrow(RangeError)
    expect(() => near.request('person.ann', `${largest}x`, { within })).toThrow(RangeError)
    near.publish('person.ann', largest)
    await expect.poll(() => heard.length).toBe(1)
    expect(heard[0] === largest).toBe(true)
  })

  test('B1.7 payloads and replies are copies, never the same object', async () => {
    const [near, far] = await open()
    const payload = { list: [1] }
    const reply = { list: [2] }
    far.subscribe('person.ann', (given) => {
      ;(given as { list: number[] }).list.push(99)
      return reply
    })
    far.subscribe('person.ann', (given) => ({ list: (given as { list: number[] }).list }))
    await untilReached(near, far)
    const replies = await allReplies(near.request('person.ann', payload, { within }))
    expect(replies).toEqual(expect.arrayContaining([{ list: [1] }, { list: [2] }]))
    for (const one of replies) (one as { list: number[] }).list.push(99)
    expect(payload).toEqual({ list: [1] })
    expect(reply).toEqual({ list: [2] })
  })

  test('B1.7 whoever is told gets what was so when it was said, and what another makes of it stays with that one', async () => {
    const [near, far] = await open()
    const heard: Json[] = []
    for (let n = 0; n < 2; n += 1)
      far.subscribe('person.ann', (given) => {
        heard.push({ ...(given as object) })
        Object.assign(given as object, { kind: 'another', more: true })
        return undefined
      })
    await untilReached(near, far)
    const payload = { kind: 'plain', n: 1.5, is: true, none: null }
    const nested = { kind: 'nested', list: [{ n: 1 }] }
    const empty = { kind: 'void', nothing: undefined, text: 'x'.repeat(2_000) }
    for (const one of [payload, nested, empty]) near.publish('person.ann', one)
    payload.n = 2
    nested.list.push({ n: 2 })
    await expect.poll(() => heard.length).toBe(6)
    const expected = [
      { kind: 'plain', n: 1.5, is: true, none: null },
      { kind: 'nested', list: [{ n: 1 }] },
      { kind: 'void', text: 'x'.repeat(2_000) },
    ]
    expect(heard).toEqual(expected.flatMap((one) => [one, one]))
    expect(heard.some((one) => 'nothing' in (one as object))).toBe(false)
  })

  test('B1.8 a handler runs after the call that reached it has returned', async () => {
    const [near] = await open()
    const order: string[] = []
    near.subscribe('call.1', () => {
      order.push('handled')
      return undefined
    })
    near.publish('call.1', null)
    order.push('published')
    await expect.poll(() => order).toEqual(['published', 'handled'])
  })

  test('B1.8 what a handler publishes before it replies is heard before the reply', async () => {
    const [near, far] = await open()
    const order: string[] = []
    near.subscribe('legs.ann', (payload) => {
      order.push(String(payload))
      return undefined
    })
    far.subscribe('person.ann', () => {
      far.publish('legs.ann', 'one')
      far.publish('legs.ann', 'two')
      return 'replied'
    })
    await untilReached(near, far)
    await untilReached(far, near)
    for await (const reply of near.request('person.ann', null, { within })) order.push(String(reply))
    expect(order).toEqual(['one', 'two', 'replied'])
  })

  test('B1.10 what was subscribed to is in force once it is flushed, with however much before it', async () => {
    const [, far] = await open()
    const near = await beside(far)
    const heard = hearOn(far, 'person.first')
    await far.flush()
    near.publish('person.first', 'first')
    for (let n = 0; n < 20_000; n += 1) far.subscribe(`person.${n}`, () => n)
    await Promise.all([far.flush(), far.flush()])
    for await (const reply of near.request('person.19999', null, { within: 2_000 })) {
      expect(reply).toBe(19_999)
      expect(heard.heard).toEqual(['first'])
      return
    }
    expect.unreachable('nobody heard it')
  })

  test('B1.9 a bus is connected from when it is open', async () => {
    const [near, far] = await open()
    expect([near.isConnected, far.isConnected]).toEqual([true, true])
  })
}
