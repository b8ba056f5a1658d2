import { beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createStatePorts } from '../../../entrypoints/background/pages/state-ports.ts'
import { statePort } from '../../../messages/envelope.ts'
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

test('U9.4 a page gets the state when it opens and at every change, until it closes', () => {
  const ports = createStatePorts(() => signedIn)
  const { port, posted, close } = page()
  ports.connect(port)
  expect(posted).toEqual([{ state: signedIn }])
  ports.post()
  expect(posted).toHaveLength(2)
  close()
  ports.post()
  expect(posted).toHaveLength(2)
})

test('U9.4 a port of another name is nothing to us', () => {
  const ports = createStatePorts(() => signedIn)
  const { port, posted } = page('something else')
  ports.connect(port)
  ports.post()
  expect(posted).toEqual([])
})

test('U9.5 a page that has gone without a word keeps the state from nobody', () => {
  const ports = createStatePorts(() => signedIn)
  const [gone, open] = [page(), page()]
  ports.connect(gone.port)
  ports.connect(open.port)
  gone.die()
  expect(ports.post).not.toThrow()
  expect(open.posted).toHaveLength(2)
})

test('U9.6 Exit closes the pages that watch, and the tabs and windows of the extension, and no other', async () => {
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
