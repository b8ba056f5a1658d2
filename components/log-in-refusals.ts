import type { LogInReply } from '../messages/commands.ts'
import { waitWording } from './time-wording.ts'

type Refused = Extract<LogInReply, { ok: false }>

/** Where a refusal is shown: beside the field it is about, or above the button. */
export type Place = 'login' | 'password' | 'form'

export interface Refusal {
  readonly place: Place
  readonly sentence: string
  /** Whether the server's address may be at fault. */
  readonly checkServer?: boolean
}

/** What the person is told when they could not be logged in. `server` is its origin. */
export function logInRefusal(reply: Refused, server: string): Refusal {
  switch (reply.why) {
    case 'empty-login':
      return { place: 'login', sentence: 'Enter your username or email.' }
    case 'empty-password':
      return { place: 'password', sentence: 'Enter your password.' }
    case 'wrong-credentials':
      return { place: 'password', sentence: 'This username and password do not belong together.' }
    case 'too-many-attempts':
      return {
        place: 'form',
        sentence: `Too many attempts. Try again in ${waitWording(reply.retryAfter ?? 60)}.`,
      }
    case 'no-network':
      return { place: 'form', sentence: 'This computer is offline. Log in once it is connected.' }
    case 'server-silent':
      return { place: 'form', sentence: `No answer from ${server}.`, checkServer: true }
    case 'not-a-reachable-server':
      return { place: 'form', sentence: `There is no Reachable server at ${server}.`, checkServer: true }
    case 'outdated':
      return {
        place: 'form',
        sentence:
          'The server speaks another version. Update the extension, or ask for the server to be updated.',
      }
    case 'server-fault':
      return { place: 'form', sentence: 'Something failed on the server. Try again in a moment.' }
    case 'storage':
      return {
        place: 'form',
        sentence: 'Your session could not be kept: storage is full. Free some and try again.',
      }
  }
}
