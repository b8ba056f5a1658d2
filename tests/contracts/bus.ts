import { expect, test } from 'vitest'
import { allReplies, type Bus } from '../../server/bus/bus.ts'
import type { Json } from '../../server/json.ts'

/** What every bus must do, whatever carries it. `open` gives a fresh one that nobody uses. */
export function busContract(open: () => Promise<Bus>): void {
  const within = 2_000

  /** Resolves with what a subscriber hears. */
  const hearOn = (bus: Bus, subject: string) => {
    const heard: Json[] = []
    const unsubscribe = bus.subscribe(subject, (payload) => {
      heard.push(payload)
      return undefined
    })
    return { heard, unsubscribe }
  }

  test('B1.1 a request that nobody subscribes to is answered at once, with nothing', async () => {
    const bus = await open()
    const began = performance.now()
    expect(await allReplies(bus.request('person.nobody', { kind: 'ring' }, { within: 60_000 }))).toEqual([])
    expect(performance.now() - began).toBeLessThan(1_000)
  })

  test('B1.2 a request gathers the reply of every subscriber', async () => {
    const bus = await open()
    bus.subscribe('person.ann', async () => ({ from: 1 }))
    bus.subscribe('person.ann', () => ({ from: 2 }))
    bus.subscribe('person.ben', () => ({ from: 3 }))
    const replies = await allReplies(bus.request('person.ann', null, { within }))
    expect(replies).toHaveLength(2)
    expect(replies).toEqual(expect.arrayContaining([{ from: 1 }, { from: 2 }]))
  })

  test('B1.2 a request ends when its time is over, with the replies that came', async () => {
    const bus = await open()
    bus.subscribe('person.ann', () => 'quick')
    bus.subscribe('person.ann', () => new Promise<Json>(() => {}))
    expect(await allReplies(bus.request('person.ann', null, { within: 200 }))).toEqual(['quick'])
  })

  test('B1.2 a subscriber that fails, or has nothing to say, is waited for no longer', async () => {
    const bus = await open()
    bus.subscribe('person.ann', () => {
      throw new Error('on purpose')
    })
    bus.subscribe('person.ann', async () => undefined)
    bus.subscribe('person.ann', () => null)
    const began = performance.now()
    expect(await allReplies(bus.request('person.ann', null, { within: 60_000 }))).toEqual([null])
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  test('B1.5 what is published reaches every subscriber of the subject and no other, in order', async () => {
    const bus = await open()
    const one = hearOn(bus, 'call.1')
    const two = hearOn(bus, 'call.1')
    const other = hearOn(bus, 'call.12')
    for (const n of [1, 2, 3]) bus.publish('call.1', { n })
    await expect.poll(() => two.heard).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect(one.heard).toEqual(two.heard)
    expect(other.heard).toEqual([])
  })

  test('B1.5 nothing is heard after the subscription ended, and others still hear', async () => {
    const bus = await open()
    const one = hearOn(bus, 'call.1')
    const two = hearOn(bus, 'call.1')
    one.unsubscribe()
    one.unsubscribe()
    bus.publish('call.1', 'late')
    await expect.poll(() => two.heard).toEqual(['late'])
    expect(one.heard).toEqual([])
    two.unsubscribe()
    expect(await allReplies(bus.request('call.1', null, { within: 60_000 }))).toEqual([])
  })

  test('B1.7 payloads and replies are copies, never the same object', async () => {
    const bus = await open()
    const payload = { list: [1] }
    const reply = { list: [2] }
    bus.subscribe('person.ann', (given) => {
      ;(given as { list: number[] }).list.push(99)
      return reply
    })
    const [first] = await allReplies(bus.request('person.ann', payload, { within }))
    ;(first as { list: number[] }).list.push(99)
    expect(payload).toEqual({ list: [1] })
    expect(reply).toEqual({ list: [2] })
  })

  test('B1.8 a handler runs after the call that reached it has returned', async () => {
    const bus = await open()
    const order: string[] = []
    bus.subscribe('call.1', () => {
      order.push('handled')
      return undefined
    })
    bus.publish('call.1', null)
    order.push('published')
    await expect.poll(() => order).toEqual(['published', 'handled'])
  })

  test('B1.8 what a handler publishes before it replies is heard before the reply', async () => {
    const bus = await open()
    const order: string[] = []
    bus.subscribe('legs.ann', (payload) => {
      order.push(String(payload))
      return undefined
    })
    bus.subscribe('person.ann', () => {
      bus.publish('legs.ann', 'one')
      bus.publish('legs.ann', 'two')
      return undefined
    })
    await allReplies(bus.request('person.ann', null, { within }))
    order.push('replied')
    expect(order).toEqual(['one', 'two', 'replied'])
  })
}
