import { lookup } from 'node:dns/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { hostOf, isPublicAddress, whyNotAllowed } from './webhook-address.ts'

/** A try takes no longer, in ms: from the look-up of the name to the status. */
export const longestTry = 10_000

export interface PostOptions {
  readonly isPrivateAllowed: boolean
  /** Finds the addresses of a name; of the system by default. */
  readonly resolve?: (hostname: string) => Promise<readonly { readonly address: string }[]>
  /** Milliseconds. */
  readonly within?: number
  /** The server stops. */
  readonly signal?: AbortSignal
}

/** What became of a try. `gone` is said by the receiver itself: it wants no more. */
export type PostOutcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'gone'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string }

/** Not where it may be: found once its name was looked up. */
class NotAllowed extends Error {
  override readonly name = 'NotAllowed'
}

/**
 * Sends a body to a webhook, once. Redirects are not followed: they would lead past every check, and a signed event to
 * whoever was named. The addresses of its name are looked at as the connection is made, and it is made to one of those.
 *
 * @returns what came of it. Never rejects.
 */
export async function postWebhook(
  address: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  { isPrivateAllowed, resolve = resolveAll, within = longestTry, signal }: PostOptions,
): Promise<PostOutcome> {
  const forbidden = whyNotAllowed(address, isPrivateAllowed)
  if (forbidden !== undefined) return { kind: 'failed', why: forbidden }
  const url = new URL(address)
  const ends = [AbortSignal.timeout(within), ...(signal ? [signal] : [])]
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  try {
    const status = await new Promise<number>((done, fail) => {
      const request = send(
        url,
        {
          method: 'POST',
          headers: {
            ...headers,
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(body)),
            'user-agent': 'Reachable-Webhooks',
          },
          // One connection a try: none that was made when the name had another address.
          agent: false,
          lookup: lookupAllowed(resolve, isPrivateAllowed),
          signal: AbortSignal.any(ends),
        },
        (response: IncomingMessage) => {
          done(response.statusCode ?? 0)
          // What it says besides is nobody's business, and may have no end.
          response.on('error', () => {})
          response.destroy()
        },
      )
      request.on('error', fail)
      request.end(body)
    })
    return outcomeOf(status)
  } catch (error) {
    return { kind: 'failed', why: sentenceOf(error, hostOf(url), within) }
  }
}

function outcomeOf(status: number): PostOutcome {
  if (status >= 200 && status < 300) return { kind: 'taken' }
  const why = `it answered ${status}`
  if (status === 410) return { kind: 'gone', why }
  return { kind: 'failed', why: status >= 300 && status < 400 ? `${why}: redirects are not followed` : why }
}

const resolveAll = (hostname: string) => lookup(hostname, { all: true })

/** Looks a name up for a connection, and lets through what a webhook may be at. An address that is no name was looked at before. */
const lookupAllowed =
  (resolve: NonNullable<PostOptions['resolve']>, isPrivateAllowed: boolean): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        const allowed = found
          .map(({ address }) => ({ address, family: isIP(address) }))
          .filter(({ address }) => isPrivateAllowed || isPublicAddress(address))
        const [first] = allowed
        if (!first) callback(new NotAllowed('no address of it is a public one'), '', 0)
        else if (options.all === true) callback(null, allowed)
        else callback(null, first.address, first.family)
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), '', 0),
    )
  }

/** For whoever set the webhook up: nothing of where this server stands. */
function sentenceOf(error: unknown, host: string, within: number): string {
  if (!(error instanceof Error)) return 'it could not be sent'
  if (error.name === 'TimeoutError') return `no answer within ${within / 1_000} s`
  if (error.name === 'AbortError') {
    const { cause } = error
    if (cause instanceof Error && cause.name === 'TimeoutError') return `no answer within ${within / 1_000} s`
    return 'the server stopped'
  }
  if (error instanceof NotAllowed)
    return `${host} has no public address; WEBHOOKS_PRIVATE=on would allow a private one`
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} was not found`
    case 'ECONNREFUSED':
      return `${host} refuses connections`
    case 'ECONNRESET':
    case 'EPIPE':
      return `${host} broke the connection off`
    default:
      return code === undefined ? 'it could not be sent' : `it could not be sent (${code})`
  }
}
