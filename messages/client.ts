import { browser } from '../platform/browser.ts'
import type { Ask, Command, Reply } from './commands.ts'
import { type Envelope, isPosted, statePort } from './envelope.ts'
import type { State } from './state.ts'

/** Asks the background worker, waking it if it sleeps. Rejects when the extension was just reloaded. */
export async function ask<C extends Command>(command: C, payload: Ask<C>): Promise<Reply<C>> {
  const envelope: Envelope = { to: 'background', command, payload }
  return (await browser.runtime.sendMessage(envelope)) as Reply<C>
}

/**
 * Calls `draw` with the present state and again at each change. A worker that dies drops the port;
 * opening it again wakes the worker, so an open page always draws a live worker's state.
 *
 * @returns a function that stops the watch.
 */
export function watchState(draw: (state: State) => void): () => void {
  let stopped = false
  let port: ReturnType<typeof browser.runtime.connect> | undefined
  const open = () => {
    if (stopped) return
    port = browser.runtime.connect({ name: statePort })
    port.onMessage.addListener((posted: unknown) => {
      if (!isPosted(posted)) return
      if ('close' in posted) window.close()
      else draw(posted.state)
    })
    port.onDisconnect.addListener(() => setTimeout(open, 100))
  }
  open()
  return () => {
    stopped = true
    port?.disconnect()
  }
}
