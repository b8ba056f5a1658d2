import { createPublicKey, verify } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import * as v from 'valibot'
import { hashOf } from './secrets.ts'

/** A proof without a nonce is good while its time is so near to ours, in ms. */
export const proofWindow = 60_000
const longestProof = 4_096
/** Three parts in base64url and nothing around them. */
const compact = /^[\w-]+\.[\w-]+\.[\w-]+$/

export type ProofError =
  | 'missing'
  | 'malformed'
  | 'wrong-method'
  | 'wrong-address'
  | 'wrong-token'
  | 'wrong-key'
  | 'wrong-nonce'
  | 'replayed'

/** What a proof has to prove. */
export interface ToProve {
  readonly method: string
  /** The addresses that this request may have been sent to, as the device writes them. */
  readonly urls: readonly string[]
  /** The token it comes with; without one there is none to be named. */
  readonly token?: string
  /** The thumbprint (RFC 7638) of the key it must be made with; without one any key will do. */
  readonly jkt?: string
}

export type ReadProof =
  | {
      readonly kind: 'sound'
      readonly jkt: string
      readonly jti: string
      readonly nonce: string | undefined
      /** Wall-clock ms of whoever made it. */
      readonly madeAt: number
    }
  | { readonly kind: 'refused'; readonly why: ProofError }

const coordinate = v.pipe(v.string(), v.regex(/^[\w-]{43}$/))
const header = v.object({
  alg: v.literal('ES256'),
  typ: v.literal('dpop+jwt'),
  // Nothing that would have to be understood.
  crit: v.optional(v.undefined()),
  b64: v.optional(v.undefined()),
  jwk: v.object({
    ...{ kty: v.literal('EC'), crv: v.literal('P-256'), x: coordinate, y: coordinate },
    ...{ use: v.optional(v.literal('sig')), alg: v.optional(v.literal('ES256')) },
    // The private half.
    d: v.optional(v.undefined()),
  }),
})

const claims = v.object({
  jti: v.pipe(v.string(), v.minLength(16), v.maxLength(128)),
  htm: v.pipe(v.string(), v.maxLength(16)),
  htu: v.pipe(v.string(), v.maxLength(2_000)),
  iat: v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e11)),
  ath: v.optional(v.string()),
  nonce: v.optional(v.string()),
})

/**
 * Reads a DPoP proof (RFC 9449, section 4.3) and holds it against what it has to prove. Whether it is fresh
 * and new is for the caller to say, who has a clock and a memory.
 *
 * It is verified in place: where thousands of devices come at once, handing a signature to another thread and waking that
 * costs more than the signature.
 *
 * @param proof the header as it came; two headers come as one with a comma, which is no proof.
 */
export function readProof(proof: string | undefined, to: ToProve): ReadProof {
  if (!proof) return { kind: 'refused', why: 'missing' }
  const signed = proof.length <= longestProof && compact.test(proof) ? verified(proof) : undefined
  if (!signed) return { kind: 'refused', why: 'malformed' }
  const { jti, htm, htu, iat, ath, nonce } = signed.claims
  const jkt = thumbprintOf(signed.jwk)
  // Before all else: with another key it is somebody else, with the right one it may be a mistake of the device's.
  if (to.jkt !== undefined && jkt !== to.jkt) return { kind: 'refused', why: 'wrong-key' }
  if (htm !== to.method) return { kind: 'refused', why: 'wrong-method' }
  if (!to.urls.includes(htu) && !to.urls.includes(withoutQuery(htu)))
    return { kind: 'refused', why: 'wrong-address' }
  if (to.token !== undefined && ath !== hashOf(to.token)) return { kind: 'refused', why: 'wrong-token' }
  return { kind: 'sound', jkt, jti, nonce, madeAt: iat * 1_000 }
}

type PublicKey = Pick<v.InferOutput<typeof header>['jwk'], 'kty' | 'crv' | 'x' | 'y'>

/** Anything that goes wrong here is an error of the proof: it brings its own key. */
function verified(
  proof: string,
): { readonly jwk: PublicKey; readonly claims: v.InferOutput<typeof claims> } | undefined {
  try {
    const { kty, crv, x, y } = v.parse(header, decodeProtectedHeader(proof)).jwk
    const read = v.parse(claims, decodeJwt(proof))
    const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })
    const end = proof.lastIndexOf('.')
    const signature = Buffer.from(proof.slice(end + 1), 'base64url')
    const isSigned = verify(
      'sha256',
      Buffer.from(proof.slice(0, end)),
      { key, dsaEncoding: 'ieee-p1363' },
      signature,
    )
    return isSigned ? { jwk: { kty, crv, x, y }, claims: read } : undefined
  } catch {
    return undefined
  }
}

/** As RFC 7638 has it: these members, in this order. */
const thumbprintOf = ({ kty, crv, x, y }: PublicKey): string => hashOf(JSON.stringify({ crv, kty, x, y }))

/** As RFC 9449 wants: query and fragment do not count. */
function withoutQuery(htu: string): string {
  const url = URL.parse(htu)
  if (!url) return htu
  url.search = ''
  url.hash = ''
  return url.href
}
