import { browser } from '../../../platform/browser.ts'

/**
 * Writes down that a heartbeat was confirmed. Firefox stops an event page that calls no extension API for
 * 30 s, whatever its socket does; this call, once a heartbeat, is what keeps it.
 */
export const noteConfirmed = (): Promise<void> => browser.storage.session.set({ confirmedAt: Date.now() })
