import { browser } from '../../../platform/browser.ts'
import type { DeviceMessage } from '../../../protocol/connection.ts'

type IdleState = Extract<DeviceMessage, { type: 'idle' }>['state']

/** Who has touched nothing for so long is not there, in seconds. */
const idleAfter = 300

export interface MachineIdle {
  /** Whether somebody uses this machine, as far as the browser knows. */
  readonly isActive: () => boolean
  /** The browser says that this has changed, or something woke the worker. */
  readonly look: () => Promise<void>
  /** A connection was welcomed: its server believes that somebody is there until it hears otherwise. */
  readonly welcomed: (connection: number) => void
}

interface Dependencies {
  readonly send: (connection: number, message: DeviceMessage) => void
  /** The connections that were welcomed and are open: two during a move. */
  readonly connections: () => readonly number[]
  readonly changed: () => void
}

/** A browser that does not say is not to make anybody away. */
async function query(): Promise<IdleState> {
  try {
    return await browser.idle.queryState(idleAfter)
  } catch {
    return 'active'
  }
}

/** Whether somebody is at this machine, told at each change. */
export function createMachineIdle({ send, connections, changed }: Dependencies): MachineIdle {
  let state: IdleState = 'active'

  async function look(): Promise<void> {
    const found = await query()
    if (found === state) return
    state = found
    for (const connection of connections()) send(connection, { type: 'idle', state })
    changed()
  }

  try {
    browser.idle.setDetectionInterval(idleAfter)
  } catch {
    // Then it is the browser's own, of a minute: the state is asked for by ours in any case.
  }

  return {
    isActive: () => state === 'active',
    look,
    welcomed: (connection) => {
      if (state !== 'active') send(connection, { type: 'idle', state })
      void look()
    },
  }
}
