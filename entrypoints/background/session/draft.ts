import { browser } from '../../../platform/browser.ts'

/** What was typed into Username outlives the popup and the worker, though not the browser. */
export const keepDraft = (draft: string): Promise<void> => browser.storage.session.set({ draft })

export async function readDraft(): Promise<string> {
  const { draft } = await browser.storage.session.get('draft')
  return typeof draft === 'string' ? draft : ''
}
