import { afterAll, afterEach, expect, test, vi } from 'vitest'
import type { ChosenStatus } from '../../../protocol/people.ts'
import { befriended, watchingDevice } from '../../server/people/watching-device.ts'
import { startInProcessServer } from '../../server/support/in-process-server.ts'
import { addPeople, ann, ben, idOf } from '../../server/support/people.ts'
import { bootWorker, freshBrowser, type WholeWorker } from './whole-worker.ts'

/** What the server does before it writes a status down: it waits, or throws where it cannot. */
const writing = vi.hoisted(() => {
  // What files before this one loaded in the same worker is no mock, and what this one loads is not for those after it.
  vi.resetModules()
  return { before: async () => {} }
})
afterAll(() => void vi.resetModules())
afterEach(() => void vi.restoreAllMocks())

vi.mock('../../../server/people/status.ts', async (original) => {
  const status = await original<typeof import('../../../server/people/status.ts')>()
  const setStatus: typeof status.setStatus = async (...given) => {
    await writing.before()
    return status.setStatus(...given)
  }
  return { ...status, setStatus }
})

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 20_000, interval: 10 })

/** Ann at her browser, offline, and Ben at a device that watches her, contacts of each other. */
async function annOffline() {
  writing.before = async () => {}
  const server = await startInProcessServer()
  // Until so long after its start it says of nobody that they are offline.
  server.clock.advance(31_000)
  server.clock.setWall(-31_000)
  await addPeople(server.dataDir, ann, ben)
  await befriended(server, ann, ben)
  freshBrowser()
  const worker = await bootWorker(server)
  await worker.logIn(ann)
  await until(() => expect(worker.state().reachability.kind).toBe('reachable'))
  const watching = await watchingDevice(server, ben, 'bens')
  const annsId = await idOf(server, ann.email)
  const sees = (what: string) => until(() => expect(watching.sees(annsId)).toBe(what))
  await watching.watch('all')
  await sees('available')
  worker.background.reachability.dispatch({ type: 'unwanted' })
  await sees('offline')
  const from = watching.frames.length

  /** All that Ben was told of her until now, when she is available again. */
  async function toldUntilAvailable({ handlers }: WholeWorker) {
    writing.before = async () => {}
    const before = watching.sees(annsId)
    await handlers['set-status']({ status: 'available', until: null })
    if (before !== 'available') await sees('available')
    const told = watching.frames
      .slice(from)
      .flatMap(({ of }) => of.flatMap((one) => (one.contact === annsId ? one.sees : [])))
    expect(told.pop()).toBe('available')
    return told
  }

  let calls = 0
  /** What Ben is told who calls her now. */
  async function heardOfACall() {
    calls += 1
    const key = `call-${calls}`
    const answer = await watching.request({ what: 'place-call', contact: annsId, key })
    if (answer.type !== 'done' || answer.result.what !== 'placed') throw new Error(JSON.stringify(answer))
    const { call } = answer.result
    const told = () => [
      call,
      ...watching.received.flatMap((one) =>
        one.type === 'placed-call' && one.call.id === call.id ? [one.call] : [],
      ),
    ]
    const known = () => told().filter(({ disposition }) => disposition !== null)
    await until(() => expect(known()).not.toEqual([]))
    const heard = known().map(({ state, disposition, ringsOn }) => ({ state, disposition, ringsOn }))
    await watching.request({ what: 'cancel-call', call: call.id })
    return heard[0]
  }
  return { server, worker, sees, toldUntilAvailable, heardOfACall }
}

vi.setConfig({ testTimeout: 60_000 })

/** Keeps each status from being written until it is let go. */
function keepWriting() {
  let letGo = () => {}
  const free = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const kept = { asked: 0, letGo }
  writing.before = () => {
    kept.asked += 1
    return free
  }
  return kept
}

const ways = {
  'at once': () => {},
  'at the third attempt': () => {
    let asked = 0
    writing.before = async () => {
      asked += 1
      if (asked < 3) throw new Error('nothing can be written')
    }
  },
  // The heartbeat that waits for it has gone unanswered for too long by then, and its connection with it.
  'after it was said again': () => {
    const kept = keepWriting()
    const sent = vi.spyOn(WebSocket.prototype, 'send')
    const said = () => sent.mock.calls.filter(([frame]) => String(frame).includes('"set-status"'))
    void until(() => expect(said().length).toBeGreaterThan(1)).then(kept.letGo)
  },
}

test.each([
  ['invisible', 'at once'],
  ['invisible', 'at the third attempt'],
  ['invisible', 'after it was said again'],
  ['away', 'at the third attempt'],
  ['busy', 'at the third attempt'],
] satisfies [ChosenStatus, keyof typeof ways][])(
  'PX3.7 who has chosen to be %s while offline is never shown as available, where the server takes that %s',
  async (status, way) => {
    const { worker, sees, toldUntilAvailable, server } = await annOffline()
    ways[way]()
    const ends = status === 'busy' ? server.clock.wall() + 3_600_000 : null
    const { handlers, background } = worker
    await expect(handlers['set-status']({ status, until: ends })).resolves.toEqual({ ok: true })
    background.reachability.dispatch({ type: 'wanted' })
    await until(() => expect(worker.people()?.status).toMatchObject({ chosen: status, confirmed: true }))
    await until(() => expect(worker.state().reachability.kind).toBe('reachable'))
    const shown = status === 'invisible' ? 'offline' : status
    await sees(shown)
    expect((await toldUntilAvailable(worker)).filter((told) => told !== shown)).toEqual([])
  },
)

test('PX3.7 nor is who chose it in an earlier worker; whoever calls meanwhile hears what they hear of who is offline, and nothing is green', async () => {
  const { worker, toldUntilAvailable, heardOfACall, server } = await annOffline()
  const ofOffline = await heardOfACall()
  expect(ofOffline).toEqual({ state: 'waiting', disposition: 'unreachable', ringsOn: 0 })
  const kept = keepWriting()
  await worker.handlers['set-status']({ status: 'invisible', until: null })
  worker.stop()
  const next = await bootWorker(server)
  await until(() => expect(kept.asked).toBe(1))
  expect(await heardOfACall()).toEqual(ofOffline)
  expect(next.states.map(({ reachability }) => reachability.kind)).not.toContain('reachable')
  kept.letGo()
  await until(() => expect(next.people()?.status).toMatchObject({ chosen: 'invisible', confirmed: true }))
  await until(() => expect(next.state().reachability.kind).toBe('reachable'))
  expect(await toldUntilAvailable(next)).toEqual([])
})

test('PX3.7 a status that is chosen while calls get through keeps no heartbeat back, whatever becomes of it', async () => {
  const { worker } = await annOffline()
  worker.background.reachability.dispatch({ type: 'wanted' })
  const confirmedAt = () => {
    const { reachability } = worker.state()
    return reachability.kind === 'reachable' ? reachability.confirmedAt : 0
  }
  await until(() => expect(confirmedAt()).toBeGreaterThan(0))
  const first = confirmedAt()
  const since = worker.states.length
  keepWriting()
  void worker.handlers['set-status']({ status: 'invisible', until: null })
  await until(() => expect(confirmedAt()).toBeGreaterThan(first))
  expect(worker.people()?.status).toMatchObject({ chosen: 'invisible', confirmed: false })
  for (const { reachability } of worker.states.slice(since)) expect(reachability.kind).toBe('reachable')
})
