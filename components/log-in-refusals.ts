import type { IssuerRefusal, LogInRefusal } from '../messages/commands.ts'
import { hostWording } from './host-wording.ts'
import { troubleWording } from './server-trouble.ts'

/** Where a refusal is shown: beside the field it is about, or above the button. */
export type Place = 'login' | 'password' | 'form'

export interface ShownRefusal {
  readonly place: Place
  readonly sentence: string
  /** When the next try may be made (ms since 1970), where that was said. */
  readonly until?: number
  /** Whether the server's address may be at fault. */
  readonly checkServer?: boolean
  /** Whether it is of name and password together, though it stands beside one of them. */
  readonly ofBoth?: boolean
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
      return { place: 'password', sentence: 'Wrong username or password.', ofBoth: true }
    case 'too-many-attempts':
      return reply.until === undefined
        ? { place: 'password', sentence: 'Too many attempts. Try again later.' }
        : { place: 'password', sentence: 'Too many attempts.', until: reply.until }
    case 'no-server':
      return { place: 'form', sentence: 'Give the address of your server first.', checkServer: true }
    case 'no-network':
    case 'server-silent':
    case 'not-a-reachable-server':
    case 'outdated':
      return { place: 'form', ...troubleWording(reply.why, server) }
    case 'wrong-address':
      return {
        place: 'form',
        sentence: `The server does not know itself as ${hostWording(server)}. Ask for its proper address.`,
        checkServer: true,
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
