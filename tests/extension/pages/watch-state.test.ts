import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { watchState } from '../../../messages/client.ts'
import type { State } from '../../../messages/state.ts'
import { call, reachable, signedIn, signedOut } from '../components/states.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A worker's end of a page's port. */
interface WorkerEnd {
  readonly post: (message: unknown) => void
  readonly die: () => void
}

/** A page that watches, and each worker that it has reached so far. */
function watching() {
  const workers: WorkerEnd[] = []
  const disconnect = vi.fn()
  vi.spyOn(fakeBrowser.runtime, 'connect').mockImplementation(() => {
    let hear = (_message: unknown) => {}
    let gone = () => {}
    workers.push({ post: (message) => hear(message), die: () => gone() })
    return {
      onMessage: { addListener: (listener: typeof hear) => (hear = listener) },
      onDisconnect: { addListener: (listener: typeof gone) => (gone = listener) },
      disconnect,
    } as never
  })
  const drawn: State[] = []
  const stop = watchState((state) => drawn.push(state))
  const worker = () => workers.at(-1) as WorkerEnd
  return { workers, worker, drawn, stop, disconnect }
}

test('U1.1 P7.1 a page whose worker is gone says neither that calls get through nor that one rings', () => {
  const { worker, drawn } = watching()
  worker().post({ state: { ...reachable(), calls: [call(), call('connection-lost')] } })
  worker().die()
  expect(drawn).toHaveLength(2)
  expect(drawn[1]?.reachability).toEqual({ kind: 'checking', lastConfirmedAt: expect.any(Number) })
  expect(drawn[1]?.calls.map(({ phase }) => phase)).toEqual(['checking', 'connection-lost'])
  expect(drawn[1]?.session).toEqual(signedIn.session)
})

test('P7.3 a page whose worker is gone does not say that an answer is under way', () => {
  const { worker, drawn } = watching()
  worker().post({ state: { ...signedIn, calls: [call('answering'), call('declining')] } })
  worker().die()
  expect(drawn[1]?.calls.map(({ phase }) => phase)).toEqual([
    { unheard: 'answer', why: 'connection-lost' },
    { unheard: 'decline', why: 'connection-lost' },
  ])
})

test('U9.4 a page whose worker is gone wakes the next one, and draws what that one says', () => {
  const { workers, worker, drawn } = watching()
  worker().post({ state: signedIn })
  worker().die()
  vi.advanceTimersByTime(100)
  expect(workers).toHaveLength(2)
  worker().post({ state: signedIn })
  expect(drawn.at(-1)).toEqual(signedIn)
})

test('U9.14 a page stays as it is, without a claim, until the next worker knows who is signed in', () => {
  const { worker, drawn } = watching()
  const starting: State = { ...signedIn, server: null, session: { kind: 'unknown' }, missed: [] }
  const before = { ...reachable(), calls: [call(), call('connection-lost', { id: 'c2' })] }
  worker().post({ state: before })
  for (let death = 0; death < 2; death += 1) {
    worker().die()
    vi.advanceTimersByTime(100)
    worker().post({ state: { ...starting, calls: [call('checking', { id: 'c2' })] } })
    expect(drawn.at(-1)).toMatchObject({
      server: signedIn.server,
      session: signedIn.session,
      reachability: { kind: 'checking', lastConfirmedAt: expect.any(Number) },
      calls: [
        { id: 'c1', phase: 'checking' },
        { id: 'c2', phase: 'checking' },
      ],
    })
  }
  const unreadable = { kind: 'unreachable', why: 'storage' } as const
  worker().post({ state: { ...starting, reachability: unreadable } })
  expect(drawn.at(-1)).toMatchObject({ session: signedIn.session, reachability: unreadable })
  worker().post({ state: signedOut() })
  expect(drawn.at(-1)).toEqual(signedOut())
})

test('U9.4 a page that no worker has told anything draws nothing, and one that stops asks no more', () => {
  const { workers, worker, drawn, stop, disconnect } = watching()
  worker().die()
  expect(drawn).toEqual([])
  stop()
  expect(disconnect).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1_000)
  expect(workers).toHaveLength(1)
})
