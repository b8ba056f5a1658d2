import type { UnreachableReason } from './state.ts'

/** Each ends the sentence "Calls cannot reach you: …", on the badge as in the popup. */
const reasons: Readonly<Record<UnreachableReason, string>> = {
  'signed-out': 'you are not logged in',
  exited: 'you chose Exit',
  'session-ended': 'your session ended',
  'no-network': 'this computer is offline',
  'server-silent': 'the server is not answering',
  'server-cannot-keep-calls': 'the server has no room to keep calls',
  'not-a-reachable-server': 'the address in Options is not that of a Reachable server',
  outdated: 'this version of Reachable and the server’s do not understand each other',
  'taken-over': 'a copy of this browser profile is connected in its place',
  'wrong-address': 'the server knows itself by another address than the one in Options',
  'too-many-devices': 'you are connected on too many devices at once',
  storage: 'this browser cannot read or write what Reachable keeps',
}

/** Why no call can come, as one sentence without its full stop. */
export const unreachableSentence = (why: UnreachableReason): string =>
  `Calls cannot reach you: ${reasons[why]}`
