import * as v from 'valibot'
import type { SetServerReply } from '../../../messages/commands.ts'
import { ringTimes, ringTones } from '../../../messages/ring-sound.ts'
import { browser } from '../../../platform/browser.ts'
import { readServerAddress } from './server-address.ts'
import { checkServer } from './server-health.ts'

/** How a ring may sound. */
export const choices = {
  ringTone: v.picklist(ringTones),
  ringVolume: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
  ringTimes: v.picklist(ringTimes),
}

const settings = v.object({
  /** What `wxt.config.ts` says, until somebody has named another; null where neither has. */
  server: v.fallback(v.nullable(v.string()), () => import.meta.env.WXT_DEFAULT_SERVER || null),
  namesInNotifications: v.fallback(v.boolean(), false),
  tellOfOutages: v.fallback(v.boolean(), true),
  ringTone: v.fallback(choices.ringTone, 'ring'),
  ringVolume: v.fallback(choices.ringVolume, 100),
  ringTimes: v.fallback(choices.ringTimes, 0),
})
type Settings = v.InferOutput<typeof settings>

export interface SettingsStore {
  readonly now: () => Settings
  /** Whether the person wants to be told of outages; null until what they chose is read. */
  readonly tellsOfOutages: () => boolean | null
  readonly restore: () => Promise<void>
  /** Keeps the address only if a Reachable server that speaks our language answers there. */
  readonly setServer: (typed: string) => Promise<SetServerReply>
  readonly set: (change: Partial<Settings>) => Promise<void>
}

/** What this profile keeps for good, in `storage.local`. Nothing here is secret. */
export function createSettings(changed: () => void): SettingsStore {
  let now = v.parse(settings, {})
  let choseOfOutages = false

  async function set(change: Partial<Settings>): Promise<void> {
    await browser.storage.local.set(change)
    now = { ...now, ...change }
    choseOfOutages ||= change.tellOfOutages !== undefined
    changed()
  }

  return {
    now: () => now,
    tellsOfOutages: () => (choseOfOutages ? now.tellOfOutages : null),
    restore: async () => {
      now = v.parse(settings, await browser.storage.local.get(Object.keys(settings.entries)))
      choseOfOutages = true
    },
    set,
    setServer: async (typed) => {
      const address = readServerAddress(typed)
      if ('why' in address) return { ok: false, why: address.why }
      const { origin } = address
      const answer = await checkServer(origin)
      if (answer !== 'fine') return { ok: false, why: answer }
      return await set({ server: origin }).then(
        () => ({ ok: true, server: origin }) as const,
        () => ({ ok: false, why: 'storage' }) as const,
      )
    },
  }
}
