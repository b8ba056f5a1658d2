import { afterEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { systemClock } from '../../../server/clock.ts'
import { peopleDevice } from '../../server/people/people-device.ts'
import { startInProcessServer } from '../../server/support/in-process-server.ts'
import { addPeople, ann, ben } from '../../server/support/people.ts'
import {
  bootWorker,
  freshBrowser,
  seeThread,
  type WholeWorker,
  watchContacts,
  watchThread,
} from './whole-worker.ts'

const soon = { timeout: 15_000, interval: 20 }
const until = (check: () => unknown) => vi.waitFor(check, soon)

/** Ann at her browser and Ben at a device of his own, contacts of each other. */
async function annAndBen({ asked = true } = {}) {
  const server = await startInProcessServer({ clock: systemClock as never })
  await addPeople(server.dataDir, ann, ben)
  const screen = freshBrowser()
  const worker = await bootWorker(server)
  await worker.logIn(ann)
  await until(() => expect(worker.state().reachability.kind).toBe('reachable'))
  const hers = await peopleDevice(server, ben, 'bens')
  hers.sync()
  await until(() => expect(worker.people()).not.toBeNull())
  if (asked) {
    await hers.request({ what: 'ask-contact', login: 'ann' })
    await until(() => expect(worker.people()?.asking).toHaveLength(1))
    const contact = worker.people()?.asking[0]?.id ?? ''
    await expect(worker.handlers['answer-contact']({ contact, answer: 'accept' })).resolves.toEqual({
      ok: true,
    })
    await until(() => expect(worker.people()?.asking).toEqual([]))
  }
  return { server, screen, worker, ben: hers, benId: () => idOfBen(worker) }
}

vi.setConfig({ testTimeout: 40_000 })
afterEach(() => void vi.restoreAllMocks())

const idOfBen = (worker: WholeWorker) => {
  const page = watchContacts(worker)
  page.close()
  return page.named('Ben Baker')?.id ?? ''
}

test('PX1.1 PX5.1 somebody asks, is told of once without a name, accepted, and in the list from then on', async () => {
  const { worker, screen, ben: device } = await annAndBen({ asked: false })
  await device.request({ what: 'ask-contact', login: 'ann' })
  await until(() => expect(worker.people()?.asking).toMatchObject([{ name: 'Ben Baker', relation: 'asks' }]))
  await until(() => expect(screen.told).toEqual(['Contact request']))
  expect(JSON.stringify([...screen.shown])).not.toContain('Ben')
  const page = watchContacts(worker)
  const contact = worker.people()?.asking[0]?.id ?? ''
  await expect(worker.handlers['answer-contact']({ contact, answer: 'accept' })).resolves.toEqual({
    ok: true,
  })
  await until(() => expect(page.named('Ben Baker')).toMatchObject({ relation: 'contact' }))
  await until(() => expect(worker.people()).toMatchObject({ asking: [] }))
  await until(() => expect(screen.shown.size).toBe(0))
})

test('PX3.1 a status that is chosen here is the server’s, and one that is chosen elsewhere is shown here', async () => {
  const { worker, server } = await annAndBen({ asked: false })
  await expect(worker.handlers['set-status']({ status: 'away', until: null })).resolves.toEqual({ ok: true })
  await until(() => expect(worker.people()?.status).toEqual({ chosen: 'away', until: null, confirmed: true }))
  const other = await peopleDevice(server, ann, 'anns-other')
  await other.request({ what: 'set-status', status: 'invisible', until: null })
  await until(() => expect(worker.people()?.status?.chosen).toBe('invisible'))
  await expect(
    worker.handlers['set-status']({ status: 'busy', until: Date.now() - 1_000 }),
  ).resolves.toMatchObject({ ok: false, why: 'refused' })
  await until(() =>
    expect(worker.people()?.status).toEqual({ chosen: 'invisible', until: null, confirmed: true }),
  )
})

test('PX2.3 PX5.2 a message is written, sent, answered, counted, told without a name, and read', async () => {
  const { worker, screen, ben: device, benId } = await annAndBen()
  const id = benId()
  const thread = watchThread(worker, id)
  await expect(worker.handlers['send-message']({ contact: id, text: ' Hello ', key: 'a1' })).resolves.toEqual(
    {
      ok: true,
    },
  )
  await until(() =>
    expect(thread.messages()).toMatchObject([{ text: 'Hello', from: 'me', delivery: 'sent', n: 1 }]),
  )
  thread.close()
  const annsId = device.idOf('Ann Able')
  await device.request({ what: 'send', contact: annsId, key: 'b1', text: 'Hi' })
  await until(() => expect(worker.people()?.unread).toBe(1))
  await until(() => expect(screen.told).toContain('New message'))
  const shownAgain = watchThread(worker, id)
  seeThread(worker, id)
  await until(() => expect(shownAgain.messages().map(({ text }) => text)).toEqual(['Hello', 'Hi']))
  await worker.handlers['thread-read']({ contact: id, until: 2 })
  await until(() => expect(worker.people()?.unread).toBe(0))
  await until(() => expect([...screen.shown.keys()].filter((key) => key.includes('message'))).toEqual([]))
  // It is on the screen already: nothing is told of what comes now.
  await device.request({ what: 'send', contact: annsId, key: 'b2', text: 'Again' })
  await until(() => expect(shownAgain.messages()).toHaveLength(3))
  expect(screen.told.filter((title) => title === 'New message')).toHaveLength(1)
})

test('PX3.3 PX3.4 presence is watched while somebody looks, and who is awaited is told of once', async () => {
  const { worker, screen, ben: device, benId } = await annAndBen()
  const said = vi.spyOn(WebSocket.prototype, 'send')
  const watches = () =>
    said.mock.calls.flatMap(([frame]) => {
      const message = JSON.parse(String(frame))
      return message.type === 'watch' ? [message.whom] : []
    })
  const page = watchContacts(worker)
  await until(() => expect(watches()).toEqual(['all']))
  page.close()
  expect(watches()).toEqual(['all', []])
  expect(worker.handlers['await-contact']({ contact: benId(), on: true })).toEqual({ ok: true })
  expect(watches().at(-1)).toEqual([benId()])
  device.send({ type: 'heartbeat', n: 1 })
  await until(() => expect(screen.told).toContain('A contact can be reached'))
  const after = watchContacts(worker)
  await until(() =>
    expect(after.named('Ben Baker')).toMatchObject({ awaited: false, presence: { kind: 'available' } }),
  )
  // Its own account is among them: what contacts are shown of this person is the server's word.
  await until(() => expect(worker.people()?.seenAs).toBe('available'))
  device.send({ type: 'idle', state: 'locked' })
  await until(() => expect(after.named('Ben Baker')?.presence.kind).toBe('away'))
  // Her own connection is gone: nothing is known of anybody.
  worker.stop()
  await until(() => expect(after.named('Ben Baker')?.presence.kind).toBe('unknown'))
  expect(screen.told.filter((title) => title === 'A contact can be reached')).toHaveLength(1)
})

test('PX4.1 PX4.4 a contact is called, rings, answers, and the room opens in place of the window', async () => {
  const { worker, screen, ben: device, benId } = await annAndBen()
  device.send({ type: 'heartbeat', n: 1 })
  await device.next('lease')
  const { key } = await worker.handlers['call-contact']({ contact: benId() })
  await until(() =>
    expect([...screen.windows.values()]).toEqual([expect.stringContaining(`/call.html?placed=${key}`)]),
  )
  const { call } = await device.next('ring')
  expect(call.from).toBe('Ann Able')
  device.send({ type: 'rings', call: call.id })
  await until(() => expect(worker.people()?.placed[0]?.phase).toEqual({ kind: 'ringing', devices: 1 }))
  device.send({ type: 'answer', call: call.id })
  await until(() => expect(screen.tabs).toHaveLength(1))
  await until(() => expect(screen.windows.size).toBe(0))
  await expect(worker.handlers['list-calls']({ before: null })).resolves.toMatchObject({
    ok: true,
    calls: [{ direction: 'out', name: 'Ben Baker', how: 'answered' }],
  })
})

test('PX4.5 a call is cancelled by its button, and by closing its window', async () => {
  const { worker, screen, ben: device, benId } = await annAndBen()
  device.send({ type: 'heartbeat', n: 1 })
  await device.next('lease')
  const { key } = await worker.handlers['call-contact']({ contact: benId() })
  await until(() => expect(worker.people()?.placed[0]?.id).not.toBe(key))
  await expect(worker.handlers['cancel-placed-call']({ key })).resolves.toEqual({ ok: true })
  await until(() => expect(screen.windows.size).toBe(0))
  expect((await device.next('over')).outcome).toBe('cancelled')
  const other = await worker.handlers['call-contact']({ contact: benId() })
  await until(() =>
    expect(worker.people()?.placed.some((call) => call.key === other.key && call.id !== call.key)).toBe(true),
  )
  worker.background.people.callWindowClosed(other.key)
  expect((await device.next('over')).outcome).toBe('cancelled')
})

test('PX4.5 who logs out while a call rings has given it up: it rings on for nobody', async () => {
  const { worker, ben: device, benId } = await annAndBen()
  device.send({ type: 'heartbeat', n: 1 })
  await device.next('lease')
  await worker.handlers['call-contact']({ contact: benId() })
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await until(() => expect(worker.people()?.placed[0]?.phase.kind).toBe('ringing'))
  const began = performance.now()
  await worker.background.lifecycle.logOut()
  expect((await device.next('over')).outcome).toBe('cancelled')
  // A caller who has merely gone is given up after 20 s.
  expect(performance.now() - began).toBeLessThan(10_000)
})

test('PX1.3 the next worker shows contacts, threads and status before it is connected, and syncs from there', async () => {
  const { worker, server, benId, ben: device } = await annAndBen()
  await worker.handlers['send-message']({ contact: benId(), text: 'Hello', key: 'a1' })
  await worker.handlers['set-status']({ status: 'away', until: null })
  await until(() => expect(worker.people()?.status?.confirmed).toBe(true))
  worker.stop()
  await device.request({ what: 'send', contact: device.idOf('Ann Able'), key: 'b1', text: 'Hi' })
  const sent = vi.spyOn(WebSocket.prototype, 'send')
  const next = await bootWorker(server)
  await until(() => expect(next.people()).toMatchObject({ status: { chosen: 'away' } }))
  expect(idOfBen(next)).toBe(benId())
  await until(() => expect(next.people()?.unread).toBe(1))
  const said = sent.mock.calls.flat().map((frame) => JSON.parse(String(frame)))
  expect(said.find(({ type }) => type === 'sync')?.after).toBeGreaterThan(0)
})

test('PX1.4 logging out forgets everything of the account on this device', async () => {
  const { worker, screen, benId } = await annAndBen()
  await worker.handlers['await-contact']({ contact: benId(), on: true })
  const { openAccountStore } = await import('../../../entrypoints/background/people/account-store.ts')
  const { people } = await fakeBrowser.storage.local.get<{ people: { account: string } }>('people')
  const kept = openAccountStore(people.account)
  expect((await kept.load()).contacts).toHaveLength(1)
  await worker.background.lifecycle.logOut()
  expect(worker.people()).toBeNull()
  await until(() => expect(screen.shown.size).toBe(0))
  await until(async () =>
    expect(await kept.load()).toMatchObject({ cursor: null, contacts: [], threads: [] }),
  )
  expect((await fakeBrowser.storage.local.get('people')).people ?? null).toBeNull()
})
