import { beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createStatePorts } from '../../../entrypoints/background/pages/state-ports.ts'
import { statePort } from '../../../messages/envelope.ts'
import type { State } from '../../../messages/state.ts'
import { signedIn } from '../components/states.ts'

beforeEach(() => fakeBrowser.reset())

function page(name = statePort) {
  const posted: unknown[] = []
  let gone = () => {}
  let dead = false
  const port = {
    name,
    onDisconnect: {
      addListener: (listener: () => void) => {
        gone = listener
      },
    },
    postMessage: (message: unknown) => {
      if (dead) throw new Error('Attempting to use a disconnected port object')
      posted.push(message)
    },
  }
  const die = () => {
    dead = true
  }
  return { port: port as never, posted, die, close: () => gone() }
}

const out: State = { ...signedIn, reachability: { kind: 'unreachable', why: 'no-network' } }

/** Ports on a state that can be another, and how often it was put together. */
function setUp() {
  let now: State = signedIn
  const state = vi.fn(() => structuredClone(now))
  const ports = createStatePorts(state)
  const become = (next: State) => {
    now = next
    ports.post()
  }
  return { ports, state, become }
}

test('U9.4 a page gets the state when it opens and at every change, until it closes', () => {
  const { ports, become } = setUp()
  const { port, posted, close } = page()
  ports.connect(port)
  expect(posted).toEqual([{ state: signedIn }])
  become(out)
  become(signedIn)
  expect(posted).toEqual([{ state: signedIn }, { state: out }, { state: signedIn }])
  close()
  become(out)
  expect(posted).toHaveLength(3)
})

test('U9.4 a page hears no state twice, though another opened in between', () => {
  const { ports, become } = setUp()
  const [first, second] = [page(), page()]
  ports.connect(first.port)
  become(signedIn)
  expect(first.posted).toHaveLength(1)
  ports.connect(second.port)
  expect(second.posted).toEqual([{ state: signedIn }])
  become(out)
  become(out)
  for (const { posted } of [first, second]) expect(posted).toEqual([{ state: signedIn }, { state: out }])
})

test('U9.4 while no page is open no state is put together', () => {
  const { ports, state } = setUp()
  ports.post()
  expect(state).not.toHaveBeenCalled()
})

test('U9.4 a port of another name is nothing to us', () => {
  const { ports, become } = setUp()
  const { port, posted } = page('something else')
  ports.connect(port)
  become(out)
  expect(posted).toEqual([])
})

test('U9.4 a page that has gone without a word keeps the state from nobody', () => {
  const { ports, become } = setUp()
  const [gone, open] = [page(), page()]
  ports.connect(gone.port)
  ports.connect(open.port)
  gone.die()
  expect(() => become(out)).not.toThrow()
  expect(open.posted).toHaveLength(2)
})

test('X1.6 Exit closes the pages that watch, and the tabs and windows of the extension, and no other', async () => {
  const own = await fakeBrowser.tabs.create({ url: fakeBrowser.runtime.getURL('/options.html') })
  const other = await fakeBrowser.tabs.create({ url: 'https://clinic.example' })
  const remove = vi.spyOn(fakeBrowser.tabs, 'remove').mockResolvedValue()
  const ports = createStatePorts(() => signedIn)
  const [gone, open] = [page(), page()]
  ports.connect(gone.port)
  ports.connect(open.port)
  gone.die()
  await ports.closePages()
  expect(open.posted.at(-1)).toEqual({ close: true })
  expect(remove.mock.calls).toEqual([[[own.id]]])
  expect(other.id).not.toBe(own.id)
})
