import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Refusal } from '../../protocol/http.ts'
import { PasswordsBusy } from '../accounts/passwords.ts'
import { isBusyError } from '../database/busy-error.ts'
import { isStorageError } from '../database/storage-error.ts'

const statuses: Record<Refusal['error'], ContentfulStatusCode> = {
  'bad-request': 400,
  'wrong-credentials': 401,
  'too-many-attempts': 429,
  unauthorized: 401,
  'use-dpop-nonce': 401,
  'wrong-address': 401,
  'no-such-account': 404,
  'no-such-call': 404,
  'already-over': 409,
  'no-room': 409,
  'idempotency-key-reused': 422,
  'not-found': 404,
  'too-large': 413,
  storage: 503,
  busy: 503,
  stopping: 503,
  internal: 500,
}

/** The HTTP status that goes with a refusal. */
export const statusOf = (error: Refusal['error']): ContentfulStatusCode => statuses[error]

/** Whoever met a crowd may try again after so long, in seconds. */
const busyFor = 1

/** A request that is not done, with what whoever asked is told. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly body: Refusal
  readonly status: ContentfulStatusCode

  /** @param retryAfter seconds, with `too-many-attempts` and `busy`. */
  constructor(error: Refusal['error'], message: string, retryAfter?: number) {
    super(message)
    this.body = { error, message, ...(retryAfter !== undefined && { retryAfter }) }
    this.status = statuses[error]
  }

  /** @param wait until it may be tried again, in ms. */
  static tooMany(what: string, wait: number): Refused {
    const seconds = Math.ceil(wait / 1_000)
    return new Refused('too-many-attempts', `${what} Try again in ${seconds} s.`, seconds)
  }
}

/** What is told of an error that is no refusal: whether disk or time is lacking, and nothing of the server's inside. */
export function refusalOfError(error: unknown): Refused {
  if (error instanceof PasswordsBusy) {
    const what = 'Too many people are signing in at this moment, and nothing was looked at yet.'
    return Refused.tooMany(what, error.retryAfter * 1_000)
  }
  if (isBusyError(error)) {
    const what = 'Too much is going on at this moment, and nothing was done. Try again in a moment.'
    return new Refused('busy', what, busyFor)
  }
  if (isStorageError(error))
    return new Refused('storage', 'The server cannot store anything now. Try again in a little while.')
  return new Refused('internal', 'Something went wrong in the server. Its log says what.')
}
