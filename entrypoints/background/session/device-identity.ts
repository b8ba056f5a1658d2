import { generateKeyPair, type KeyPair } from 'dpop'
import { get, set } from 'idb-keyval'
import { browser } from '../../../platform/browser.ts'
import { inDatabase } from './database.ts'

/** This browser profile's name towards the server: random, made once, no secret. */
export async function deviceId(): Promise<string> {
  const { device } = await browser.storage.local.get('device')
  if (typeof device === 'string') return device
  const made = crypto.randomUUID()
  await browser.storage.local.set({ device: made })
  return made
}

const keyName = 'device-key'
let keyPair: Promise<KeyPair> | undefined

/**
 * The key pair that this browser profile proves itself with (P-256, RFC 9449). No script can export the
 * private half, not even ours, though browsers keep it in clear in the profile's files. `browser.storage` cannot hold
 * such a key, IndexedDB can.
 *
 * @throws when the browser cannot read or write its database.
 */
export function deviceKey(): Promise<KeyPair> {
  keyPair ??= readOrMakeKey().catch((error: unknown) => {
    keyPair = undefined
    throw error
  })
  return keyPair
}

async function readOrMakeKey(): Promise<KeyPair> {
  const kept = await inDatabase((opened) => get<unknown>(keyName, opened))
  if (isKeyPair(kept)) return kept
  const made = await generateKeyPair('ES256', { extractable: false })
  await inDatabase((opened) => set(keyName, made, opened))
  return made
}

const isKeyPair = (value: unknown): value is KeyPair =>
  typeof value === 'object' &&
  value !== null &&
  'privateKey' in value &&
  value.privateKey instanceof CryptoKey &&
  'publicKey' in value &&
  value.publicKey instanceof CryptoKey
