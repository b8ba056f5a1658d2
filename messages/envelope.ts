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

export interface Posted {
  readonly state: State
}

export const isPosted = (value: unknown): value is Posted =>
  typeof value === 'object' && value !== null && 'state' in value
