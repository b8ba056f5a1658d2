import type { Background } from '../../entrypoints/background/compose.ts'
import { statePort } from '../../messages/envelope.ts'
import type { State } from '../../messages/state.ts'

/** Opens a page that watches the worker. @returns what it has heard, which grows. */
export function watchStates({ ports }: Pick<Background, 'ports'>): readonly State[] {
  const states: State[] = []
  ports.connect({
    name: statePort,
    onDisconnect: { addListener: () => {} },
    postMessage: ({ state }: { state: State }) => states.push(state),
  } as never)
  return states
}
