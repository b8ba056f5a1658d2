import type { Posted } from '../../../messages/envelope.ts'
import { statePort } from '../../../messages/envelope.ts'
import type { State } from '../../../messages/state.ts'
import { browser } from '../../../platform/browser.ts'

type Port = Parameters<Parameters<typeof browser.runtime.onConnect.addListener>[0]>[0]

export interface StatePorts {
  readonly connect: (port: Port) => void
  /** Posts the present state to every open page that has not heard it yet. */
  readonly post: () => void
  /** Closes every open page of the extension: tabs, windows and the popup. */
  readonly closePages: () => Promise<void>
}

/** The pages that watch the state, each by a port of its own. */
export function createStatePorts(state: () => State): StatePorts {
  /** Each with what it heard last, as text, so that nothing is said twice. */
  const ports = new Map<Port, string>()

  /** A page that has gone without a word makes its port throw; nobody else is to hear of that. */
  function send(port: Port, posted: Posted): void {
    try {
      port.postMessage(posted)
    } catch {
      ports.delete(port)
    }
  }

  function post(): void {
    if (ports.size === 0) return
    const now = state()
    const text = JSON.stringify(now)
    for (const [port, heard] of ports) {
      if (heard === text) continue
      ports.set(port, text)
      send(port, { state: now })
    }
  }

  return {
    connect: (port) => {
      if (port.name !== statePort) return
      ports.set(port, '')
      port.onDisconnect.addListener(() => ports.delete(port))
      post()
    },
    post,
    closePages: async () => {
      for (const port of ports.keys()) send(port, { close: true })
      const own = browser.runtime.getURL('/')
      const tabs = await browser.tabs.query({})
      const ids = tabs.filter(({ url }) => url?.startsWith(own)).map(({ id }) => id)
      await browser.tabs.remove(ids.filter((id) => id !== undefined))
    },
  }
}
