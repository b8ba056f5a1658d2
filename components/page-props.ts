import type { ask, watchPort } from '../messages/client.ts'
import type { State } from '../messages/state.ts'

/** What every page is given: the state to draw, and the way to ask for a change. */
export interface PageProps {
  readonly state: State
  readonly ask: Asker
}

export interface ListPageProps extends PageProps {
  /** The way to long lists, of which only what changes is told. */
  readonly watch: Watcher
}

/** A type alone: components never reach the browser by themselves. */
export type Asker = typeof ask
export type Watcher = typeof watchPort
