import { browser } from '../../../platform/browser.ts'

/** This browser profile's name towards the server: random, made once, no secret. */
export async function deviceId(): Promise<string> {
  const { device } = await browser.storage.local.get('device')
  if (typeof device === 'string') return device
  const made = crypto.randomUUID()
  await browser.storage.local.set({ device: made })
  return made
}
