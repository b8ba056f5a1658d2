import type { Posted } from '../../../messages/envelope.ts'
import { statePort } from '../../../messages/envelope.ts'
import type { State } from '../../../messages/state.ts'
import { browser } from '../../../platform/browser.ts'

type Port = Parameters<Parameters<typeof browser.runtime.onConnect.addListener>[0]>[0]

export interface StatePorts {
  readonly connect: (port: Port) => void
  /** Posts the present state to every open page. */
  readonly post: () => void
  /** Closes every open page of the extension: tabs, windows and the popup. */
  readonly closePages: () => Promise<void>
}

/** The pages that watch the state, each by a port of its own. */
export function createStatePorts(state: () => State): StatePorts {
  const ports = new Set<Port>()

  /** A page that has gone without a word makes its port throw; nobody else is to hear of that. */
  function send(port: Port, posted: Posted): void {
    try {
      port.postMessage(posted)
    } catch {
      ports.delete(port)
    }
  }

  return {
    connect: (port) => {
      if (port.name !== statePort) return
      ports.add(port)
      port.onDisconnect.addListener(() => ports.delete(port))
      send(port, { state: state() })
    },
    post: () => {
      const posted = { state: state() }
      for (const port of ports) send(port, posted)
    },
    closePages: async () => {
      for (const port of ports) send(port, { close: true })
      const own = browser.runtime.getURL('/')
      const tabs = await browser.tabs.query({})
      const ids = tabs.filter(({ url }) => url?.startsWith(own)).map(({ id }) => id)
      await browser.tabs.remove(ids.filter((id) => id !== undefined))
    },
  }
}
