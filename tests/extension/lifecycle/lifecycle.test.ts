import 'fake-indexeddb/auto'
import { beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createLifecycle } from '../../../entrypoints/background/lifecycle/lifecycle.ts'
import type { Session } from '../../../entrypoints/background/session/session.ts'
import type { StoredSession } from '../../../entrypoints/background/session/session-storage.ts'

beforeEach(() => fakeBrowser.reset())

const ann = { endToken: 'e' } as StoredSession

function setUp({ stored = null as StoredSession | null, failing = false, closes = true } = {}) {
  const steps: string[] = []
  let session = stored
  const lifecycle = createLifecycle({
    restoring: { attempt: async () => void steps.push('restore'), failing: () => failing },
    session: {
      current: () => session,
      end: async (why: string) => {
        session = null
        steps.push(`end: ${why}`)
      },
    } as Session,
    reachability: {
      dispatch: ({ type }) => steps.push(type),
      verdict: () => ({ kind: 'checking' }),
      openConnection: () => null,
      newestHeartbeat: () => null,
    },
    closePages: async () => {
      steps.push('close pages')
      if (!closes) throw new Error('Tabs cannot be edited right now')
    },
    giveUpCalls: () => void steps.push('give up calls'),
    send: (message) => steps.push(message.type === 'goodbye' ? `goodbye: ${message.why}` : message.type),
  })
  return { lifecycle, steps }
}

const armed = async () => (await fakeBrowser.alarms.getAll()).length > 0
const unheard = () =>
  fakeBrowser.storage.local.set({ endings: [{ server: 'http://127.0.0.1:9', endToken: 'x' }] })

test('X1.4 a wake-up takes up what was kept, then asks anew whether calls get through', async () => {
  const { lifecycle, steps } = setUp({ stored: ann })
  await lifecycle.wake()
  expect(steps).toEqual(['restore', 'woke'])
  await expect(armed()).resolves.toBe(true)
})

test('X1.4 the alarm is kept while somebody is signed in, a log-out is untold or storage fails, and no longer', async () => {
  await setUp({ stored: ann }).lifecycle.wake()
  await expect(armed()).resolves.toBe(true)
  await setUp().lifecycle.wake()
  await expect(armed()).resolves.toBe(false)
  await setUp({ failing: true }).lifecycle.wake()
  await expect(armed()).resolves.toBe(true)
  await unheard()
  await setUp().lifecycle.wake()
  await expect(armed()).resolves.toBe(true)
})

test('X1.4 a list of log-outs that cannot be read keeps the alarm', async () => {
  const broken = vi.spyOn(fakeBrowser.storage.local, 'get').mockRejectedValue(new Error('no'))
  await setUp().lifecycle.wake()
  broken.mockRestore()
  await expect(armed()).resolves.toBe(true)
})

test('X1.6 PX4.5 logging out says goodbye while there is a connection, and ends the session', async () => {
  const { lifecycle, steps } = setUp({ stored: ann })
  await lifecycle.logOut()
  expect(steps).toEqual(['give up calls', 'goodbye: log-out', 'end: logged-out'])
  await expect(armed()).resolves.toBe(false)
})

test.each([true, false])(
  'X1.6 PX4.5 Exit logs out and closes every page (which works: %s)',
  async (closes) => {
    const { lifecycle, steps } = setUp({ stored: ann, closes })
    await lifecycle.exit()
    expect(steps).toEqual(['give up calls', 'goodbye: exit', 'end: exited', 'close pages'])
    await expect(armed()).resolves.toBe(false)
  },
)
