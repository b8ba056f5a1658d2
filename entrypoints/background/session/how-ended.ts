import * as v from 'valibot'
import { browser } from '../../../platform/browser.ts'

const howEnded = v.fallback(v.picklist(['never', 'logged-out', 'ended', 'exited', 'server-changed']), 'never')

/** How the last session ended, so that the popup can still say it after any number of restarts. */
export type HowEnded = v.InferOutput<typeof howEnded>

export async function readHowEnded(): Promise<HowEnded> {
  const { ended } = await browser.storage.local.get('ended')
  return v.parse(howEnded, ended)
}

export const keepHowEnded = (ended: HowEnded): Promise<void> => browser.storage.local.set({ ended })
