import type { Page } from './page.ts'

declare const chrome: {
  readonly storage: {
    readonly local: {
      get: (key: string) => Promise<Record<string, unknown>>
      set: (values: object) => Promise<void>
    }
  }
}

/** What someone may steal who can read all that a browser has stored. */
export interface StoredSession {
  readonly session: { readonly token: string; readonly endToken: string }
  readonly device: string
  /** What the browser says to exporting the key: the name of its refusal. */
  readonly key: string
}

/** Reads what a device with "Stay signed in" keeps, on one of its pages. */
export const readStoredSession = (page: Page): Promise<StoredSession> =>
  page.evaluate(async () => {
    const get = (key: string) =>
      new Promise<unknown>((resolve, reject) => {
        const opening = indexedDB.open('reachable')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const asking = opening.result.transaction('kept').objectStore('kept').get(key)
          asking.onsuccess = () => resolve(asking.result)
          asking.onerror = () => reject(asking.error)
        }
      })
    const pair = (await get('device-key')) as CryptoKeyPair
    const { device } = await chrome.storage.local.get('device')
    return {
      session: (await get('session')) as { token: string; endToken: string },
      device: String(device),
      key: await crypto.subtle.exportKey('jwk', pair.privateKey).then(
        () => 'exported',
        (refusal: DOMException) => refusal.name,
      ),
    }
  })

/** Puts what was stolen into another browser; its own key stays as it is. */
export const plantStoredSession = (page: Page, { session, device }: StoredSession): Promise<void> =>
  page.evaluate(
    async (stolen) => {
      await chrome.storage.local.set({ device: stolen.device })
      await new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('reachable')
        opening.onupgradeneeded = () => opening.result.createObjectStore('kept')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const writing = opening.result.transaction('kept', 'readwrite')
          writing.objectStore('kept').put(stolen.session, 'session')
          writing.oncomplete = () => resolve()
          writing.onerror = () => reject(writing.error)
        }
      })
    },
    { session, device },
  )
