import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** What it costs to try a password; `memory` is in KiB. The names are those of RFC 9106. */
export interface HashCost {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

/**
 * Twice what OWASP's table asks for at this memory; about 60 ms of one core. Whoever raises it changes this line alone:
 * a hash says what it was made with, and is renewed when its password is next right.
 */
export const hashCost: HashCost = { memory: 47_104, passes: 2, parallelism: 1 }

/** A hash that asks for more than this was not made by us, and would take the machine with it. */
const highest: HashCost = { memory: 1_048_576, passes: 16, parallelism: 16 }

const saltBytes = 16
const tagBytes = 32

interface ParsedHash extends HashCost {
  readonly salt: Buffer
  readonly tag: Buffer
}

/** @returns `$argon2id$v=19$m=47104,t=2,p=1$SALT$TAG`, the PHC string format. */
export async function hashPassword(password: string, cost = hashCost): Promise<string> {
  const salt = randomBytes(saltBytes)
  const tag = await derive(password, { ...cost, salt }, tagBytes)
  return format(cost, salt, tag)
}

/** @param hash by `hashPassword`, or by better-auth's scrypt, as it was before. Anything else is no password's. */
export async function isHashOf(hash: string, password: string): Promise<boolean> {
  if (isScryptHash(hash)) return isScryptHashOf(hash, password)
  const parsed = parse(hash)
  if (!parsed) return false
  return timingSafeEqual(parsed.tag, await derive(password, parsed, parsed.tag.length))
}

/** Whether a hash costs less to try than one that is made now. */
export function isOutdated(hash: string, cost = hashCost): boolean {
  const parsed = parse(hash)
  return !parsed || parsed.memory < cost.memory || parsed.passes < cost.passes || parsed.tag.length < tagBytes
}

/** Of a password that nobody knows, to be tried where there is none: it takes as long as any. */
export const hashOfNobody = (cost = hashCost): string =>
  format(cost, randomBytes(saltBytes), randomBytes(tagBytes))

function format({ memory, passes, parallelism }: HashCost, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`
}

const isScryptHash = (hash: string) => /^[0-9a-f]+:[0-9a-f]+$/.test(hash)

/** Loaded when there is such a hash: few databases have any, and every start would wait for it. */
async function isScryptHashOf(hash: string, password: string): Promise<boolean> {
  const { verifyPassword } = await import('better-auth/crypto')
  return verifyPassword({ hash, password })
}

const pattern = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

function parse(hash: string): ParsedHash | undefined {
  const [, m, t, p, saltText = '', tagText = ''] = pattern.exec(hash) ?? []
  const [memory, passes, parallelism] = [Number(m), Number(t), Number(p)]
  const [salt, tag] = [Buffer.from(saltText, 'base64'), Buffer.from(tagText, 'base64')]
  // The least that RFC 9106 has, for each.
  const isEnough =
    passes >= 1 && parallelism >= 1 && memory >= 8 * parallelism && salt.length >= 8 && tag.length >= 4
  const isTooMuch = memory > highest.memory || passes > highest.passes || parallelism > highest.parallelism
  return isEnough && !isTooMuch ? { memory, passes, parallelism, salt, tag } : undefined
}

const runArgon2 = promisify(argon2)

/** On a thread of libuv's pool. Composed as better-auth does (NFKC): no password changes by being hashed anew. */
function derive(
  password: string,
  { salt, memory, passes, parallelism }: HashCost & { readonly salt: Buffer },
  tagLength: number,
): Promise<Buffer> {
  const parameters: Argon2Parameters = {
    message: password.normalize('NFKC'),
    nonce: salt,
    ...{ memory, passes, parallelism, tagLength },
  }
  return runArgon2('argon2id', parameters)
}

/** Base64 as the PHC string format has it. */
function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
