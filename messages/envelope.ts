import type { Command } from './commands.ts'
import type { State } from './state.ts'

/** The name of the port on which the background worker posts the state. */
export const statePort = 'state'

/** A command under way. `to` keeps it apart from messages meant for other pages. */
export interface Envelope {
  readonly to: 'background'
  readonly command: Command
  readonly payload: unknown
}

/** What the worker posts on a state port: the state, or that the page is to close itself (Exit). */
export type Posted = { readonly state: State } | { readonly close: true }

export const isPosted = (value: unknown): value is Posted =>
  typeof value === 'object' && value !== null && ('state' in value || 'close' in value)
