import type { UnreachableReason } from './state.ts'

/** Each ends the sentence "Calls cannot reach you: …", on the badge as in the popup. */
const reasons: Readonly<Record<UnreachableReason, string>> = {
  'signed-out': 'you are not logged in',
  exited: 'you chose Exit',
  'session-ended': 'your session ended',
  'no-network': 'this computer is offline',
  'server-silent': 'the server does not answer',
  'server-cannot-keep-calls': 'the server cannot keep calls now',
  'server-cannot-bring-calls': 'the server cannot pass calls on to you now',
  'not-a-reachable-server': 'the address in Options is not that of a Reachable server',
  outdated: 'this version of Reachable and the server’s do not understand each other',
  'taken-over': 'a copy of this browser profile is connected in its place',
  'wrong-address': 'the server knows itself by another address than the one in Options',
  'too-many-devices': 'you are connected on too many devices at once',
  storage: 'this browser cannot read or write what Reachable keeps',
}

/** What may be said besides the reason, where one reads in passing: in the tooltip and in a notification. */
const actions: Readonly<Partial<Record<UnreachableReason, string>>> = {
  'signed-out': 'Click to log in.',
  exited: 'Click to come back.',
  'session-ended': 'Click to log in again.',
  'no-network': 'Reachable waits for the network.',
  'server-silent': 'Reachable keeps trying.',
  'server-cannot-keep-calls': 'Reachable keeps trying.',
  'server-cannot-bring-calls': 'Reachable keeps trying.',
  outdated: 'Update Reachable.',
  'taken-over': 'Click to try now.',
  storage: 'Reachable keeps trying.',
}

export const isUnreachableReason = (value: unknown): value is UnreachableReason =>
  typeof value === 'string' && Object.hasOwn(reasons, value)

/** The reason alone: "this computer is offline". */
export const unreachableReason = (why: UnreachableReason): string => reasons[why]

/** What to do about it, or what Reachable does, as a sentence; undefined where that takes more words. */
export const unreachableAction = (why: UnreachableReason): string | undefined => actions[why]

/** Why no call can come, as one sentence without its full stop. */
export const unreachableSentence = (why: UnreachableReason): string =>
  `Calls cannot reach you: ${reasons[why]}`
