import { generateKeyPair, type KeyPair } from 'dpop'
import { get, set } from 'idb-keyval'
import { inDatabase } from './database.ts'

const key = 'device-key'
let held: Promise<KeyPair> | undefined

/**
 * The key pair that this browser profile proves itself with (P-256, RFC 9449). The private half cannot be
 * exported, not even by us; `browser.storage` cannot hold such a key, IndexedDB can.
 *
 * @throws when the browser cannot read or write its database.
 */
export function deviceKey(): Promise<KeyPair> {
  held ??= readOrMake().catch((error: unknown) => {
    held = undefined
    throw error
  })
  return held
}

async function readOrMake(): Promise<KeyPair> {
  const kept = await inDatabase((opened) => get<unknown>(key, opened))
  if (isKeyPair(kept)) return kept
  const made = await generateKeyPair('ES256', { extractable: false })
  await inDatabase((opened) => set(key, made, opened))
  return made
}

const isKeyPair = (value: unknown): value is KeyPair =>
  typeof value === 'object' &&
  value !== null &&
  'privateKey' in value &&
  value.privateKey instanceof CryptoKey &&
  'publicKey' in value &&
  value.publicKey instanceof CryptoKey
