import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { personPresence } from '../../protocol/programs.ts'
import { createApiKey } from '../../server/accounts/api-keys.ts'
import { joined, keepBeating, openRoomPage, partsOf, seatedPage } from '../server/rooms/room-page.ts'
import { createNodes, type Nodes, type ServiceNode, until } from '../support/nodes/start-nodes.ts'

let nodes: Nodes
let at: readonly [ServiceNode, ServiceNode]

beforeAll(async () => {
  nodes = await createNodes({ count: 2 })
  at = nodes.all as unknown as typeof at
})
afterAll(() => nodes?.close())

const urlOf = (node: ServiceNode) => ({ url: node.url() })

/** A call that a device at one node answered, and what each side has of its room. */
async function answered() {
  const [person] = await nodes.addPeople(1)
  if (!person) throw new Error('nobody')
  const device = nodes.open(person, { at: at[0], onRing: (id, rung) => rung.press(id, 'answer') })
  await until('green', device.isGreen)
  const placed = await nodes.callerAt(at[1]).place(person.username)
  const id = placed.id ?? ''
  const told = () => device.calls.get(id)?.ends[0]?.room
  await until('answered', () => told() !== undefined)
  const callee = partsOf(told() ?? '')
  const { room } = await nodes.callerAt(at[1]).get(id)
  return { id, person, room: callee.room, callee: callee.ticket, caller: partsOf(room ?? '').ticket }
}

const offer = { description: { type: 'offer' as const, sdp: 'v=0' }, offer: 1 }

describe('a room whose sides are at two nodes', () => {
  test('RM9.1 the two are here to each other, and what they say, are and end arrives', async ({ expect }) => {
    const { room, callee, caller } = await answered()
    const anns = await seatedPage(urlOf(at[0]), room, { ticket: callee })
    const bells = await seatedPage(urlOf(at[1]), room, { ticket: caller })
    keepBeating(anns, bells)
    expect(bells.welcome.other ?? (await bells.other(true)).here).toMatchObject({ state: joined })
    const { epoch } = await anns.other(true)
    expect(bells.welcome.epoch).toBe(epoch)
    bells.send({ type: 'signal', epoch, signal: offer })
    expect((await anns.next('signal')).signal).toEqual(offer)
    expect((await anns.beat()).otherLeftMs).toBeGreaterThan(0)
    anns.send({ type: 'state', state: { ...joined, muted: true } })
    expect((await bells.other(true)).here?.state.muted).toBe(true)
    bells.send({ type: 'hangUp' })
    expect((await anns.next('ended')).why).toBe('otherHungUp')
    const late = await openRoomPage(urlOf(at[0]), room)
    late.hello({ seat: anns.welcome.seat })
    expect((await late.next('refused')).why).toBe('over')
  })

  test('RM9.2 a ticket is used once over all nodes, a seat is taken over at another node, and a third is refused at any', async ({
    expect,
  }) => {
    const { room, callee, caller } = await answered()
    const anns = await seatedPage(urlOf(at[0]), room, { ticket: callee })
    const refusedAt = async (node: ServiceNode, by: { readonly ticket: string }) => {
      const page = await openRoomPage(urlOf(node), room)
      page.hello(by)
      return (await page.next('refused')).why
    }
    expect(await refusedAt(at[1], { ticket: callee })).toBe('ticket')
    keepBeating(anns, await seatedPage(urlOf(at[1]), room, { ticket: caller }))
    expect(await refusedAt(at[0], { ticket: caller })).toBe('full')
    const newer = await seatedPage(urlOf(at[1]), room, { seat: anns.welcome.seat })
    await anns.next('replaced')
    expect((await anns.closed()).code).toBe(4409)
    await newer.beat()
  })

  test('RM9.3 of twenty pages of one side that come at once at both nodes one stays, and the other side knows that one', async ({
    expect,
  }) => {
    const { room, callee, caller } = await answered()
    const bells = await seatedPage(urlOf(at[1]), room, { ticket: caller })
    keepBeating(bells)
    const first = await seatedPage(urlOf(at[0]), room, { ticket: callee })
    const many = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const page = await openRoomPage(urlOf(at[n % 2 === 0 ? 0 : 1]), room)
        page.hello({ seat: first.welcome.seat })
        return page
      }),
    )
    const open = () => many.filter(({ socket }) => socket.readyState === socket.OPEN)
    await until('one is left', () => open().length === 1)
    const [left] = open()
    const beat = await left?.beat()
    expect(beat?.otherLeftMs).toBeGreaterThan(0)
    await until('the other side knows it', async () => {
      const epochs = bells.received.flatMap((message) => (message.type === 'other' ? [message.epoch] : []))
      const welcome = left?.received.find((message) => message.type === 'welcome')
      return welcome?.type === 'welcome' && epochs.at(-1) === welcome.epoch
    })
  })

  test('RM9.4 a node that is lost takes no room with it: its page goes on at the other one, in the same meeting', async ({
    expect,
  }) => {
    const { room, callee, caller } = await answered()
    const anns = await seatedPage(urlOf(at[0]), room, { ticket: callee })
    const bells = await seatedPage(urlOf(at[1]), room, { ticket: caller })
    keepBeating(anns, bells)
    const { epoch } = await anns.other(true)
    await at[1].kill()
    expect((await bells.closed()).code).toBe(1006)
    const back = await seatedPage(
      urlOf(at[0]),
      room,
      { seat: bells.welcome.seat },
      { page: bells.page, was: bells.page },
    )
    expect(back.welcome.epoch).toBe(epoch)
    await until('heard anew', () => {
      const heres = anns.received.flatMap((message) =>
        message.type === 'other' && message.here ? [message.here] : [],
      )
      return new Set(heres.map(({ connection }) => connection)).size === 2
    })
    back.send({ type: 'signal', epoch, signal: offer })
    expect((await anns.next('signal')).signal).toEqual(offer)
    await at[1].start()
    await until('ready', () => nodes.isReady(at[1]))
  })

  test('RM9.5 while NATS is lost nobody is said to be here, pages are sent away, and come back when it is there again', async ({
    expect,
  }) => {
    const { room, callee, caller } = await answered()
    const anns = await seatedPage(urlOf(at[0]), room, { ticket: callee })
    const bells = await seatedPage(urlOf(at[1]), room, { ticket: caller })
    keepBeating(anns, bells)
    await anns.other(true)
    at[0].toNats.cut()
    expect((await anns.closed()).code).toBe(4500)
    const early = await openRoomPage(urlOf(at[0]), room)
    early.hello({ seat: anns.welcome.seat }, { page: anns.page, was: anns.page })
    expect((await early.closed()).code).toBe(4500)
    at[0].toNats.mend()
    const comeBack = () =>
      seatedPage(urlOf(at[0]), room, { seat: anns.welcome.seat }, { page: anns.page, was: anns.page }).catch(
        () => undefined,
      )
    // As a page does, until it is let in.
    let back = await comeBack()
    await until('let in', async () => {
      back ??= await comeBack()
      return back !== undefined
    })
    if (!back) throw new Error('nobody was let in')
    // Both were away from each other, and it is still the same meeting.
    expect(back.welcome.epoch).toBe(2)
    expect(back.welcome.other ?? (await back.other(true)).here).not.toBeNull()
  })

  test('RM9.6 a node that drains sends its pages to the other, where they have their seats at once', async ({
    expect,
  }) => {
    const { room, callee } = await answered()
    const anns = await seatedPage(urlOf(at[1]), room, { ticket: callee })
    const stopping = at[1].stop()
    expect((await anns.closed()).code).toBe(4503)
    const back = await seatedPage(
      urlOf(at[0]),
      room,
      { seat: anns.welcome.seat },
      { page: anns.page, was: anns.page },
    )
    expect(back.welcome.epoch).toBe(anns.welcome.epoch)
    await stopping
    await at[1].start()
    await until('ready', () => nodes.isReady(at[1]))
  })

  test('RM6.2 a program that asks one node for the first time hears that somebody is in a room at the other', async ({
    expect,
  }) => {
    const { room, callee, person } = await answered()
    const key = await createApiKey(nodes.database, randomUUID(), Date.now(), ['presence'])
    await seatedPage(urlOf(at[0]), room, { ticket: callee })
    const address = `${at[1].url()}/api/people/${person.username}/presence`
    const answer = await fetch(address, { headers: { authorization: `Bearer ${key}` } })
    expect(v.parse(personPresence, await answer.json()).state).toBe('in-call')
  })

  test('RM6.1 somebody whose seat is held at one node is seen to be in a call at the other, and no more once they left', async ({
    expect,
  }) => {
    const { room, callee, person } = await answered()
    const key = await createApiKey(nodes.database, randomUUID(), Date.now(), ['presence'])
    const presence = async () => {
      const address = `${at[1].url()}/api/people/${person.username}/presence`
      const answer = await fetch(address, { headers: { authorization: `Bearer ${key}` } })
      return v.parse(personPresence, await answer.json()).state
    }
    expect(await presence()).toBe('available')
    const page = await seatedPage(urlOf(at[0]), room, { ticket: callee })
    await until('in a call', async () => {
      await page.beat()
      return (await presence()) === 'in-call'
    })
    page.leave()
    await until('in none', async () => (await presence()) === 'available', 3_000)
  })
})
