import type { ask } from '../messages/client.ts'
import type { State } from '../messages/state.ts'

/** What every page is given: the state to draw, and the way to ask for a change. */
export interface PageProps {
  readonly state: State
  readonly ask: Asker
}

/** A type alone: components never reach the browser by themselves. */
export type Asker = typeof ask
