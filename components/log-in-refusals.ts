import type { IssuerRefusal, LogInRefusal } from '../messages/commands.ts'
import { waitWording } from './time-wording.ts'

/** Where a refusal is shown: beside the field it is about, or above the button. */
export type Place = 'login' | 'password' | 'form'

export interface ShownRefusal {
  readonly place: Place
  readonly sentence: string
  /** Whether the server's address may be at fault. */
  readonly checkServer?: boolean
}

/**
 * What the person is told when they could not be logged in.
 *
 * @param server its origin.
 * @param issuer the name on the button of the other way in.
 */
export function logInRefusal(reply: LogInRefusal, server: string, issuer = 'Google'): ShownRefusal {
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
    case 'wrong-address':
      return {
        place: 'form',
        sentence: `The server does not know itself as ${server}. Ask for its proper address.`,
        checkServer: true,
      }
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
        sentence: 'This browser could not keep your session. Check that the disk has room, and try again.',
      }
    default:
      return { place: 'form', sentence: issuerRefusal(reply.why, issuer) }
  }
}

function issuerRefusal(why: IssuerRefusal, issuer: string): string {
  switch (why) {
    case 'window-closed':
      return `The ${issuer} window was closed before you were signed in.`
    case 'interrupted':
      return 'Signing in was interrupted. Try again.'
    case 'denied':
      return `${issuer} was not allowed to tell us who you are. Try again and agree, or use your password.`
    case 'unverified-email':
      return `${issuer} has not verified this email address. Verify it there first, or use your password.`
    case 'account-unverified':
      return `There is an account with this address, but its owner has not confirmed the address yet. Use “Forgot password?” to confirm it, then sign in with ${issuer}.`
    case 'domain-not-allowed':
      return `Nobody signs in here with this address by way of ${issuer}. Choose another account, use your password, or ask your clinic.`
    case 'account-disabled':
      return 'This account has been disabled. Ask your clinic.'
    case 'issuer-silent':
      return `${issuer} does not answer. Try again in a moment, or use your password.`
    case 'issuer-fault':
      return `What came back from ${issuer} was not right, so nobody was signed in. Try again.`
    case 'expired':
      return 'That took too long. Try again.'
  }
}
