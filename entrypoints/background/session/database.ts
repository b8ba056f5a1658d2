import { createStore, type UseStore } from 'idb-keyval'
import { withTimeout } from '../timeout.ts'

const open = () => createStore('reachable', 'kept')
let store: UseStore | undefined

/** A database that is stuck gives no answer at all; milliseconds. */
const within = 3_000

/**
 * Uses the device's IndexedDB, where secrets that must outlive the browser are kept.
 *
 * A connection to IndexedDB dies when the browser clears or closes the database, and `idb-keyval` keeps
 * the dead one: so a use that fails is tried once more on a new one.
 * https://github.com/jakearchibald/idb-keyval/issues/158
 *
 * @throws when the browser cannot read or write, for want of space for instance.
 */
export async function inDatabase<T>(use: (opened: UseStore) => Promise<T>): Promise<T> {
  store ??= open()
  try {
    return await withTimeout(use(store), within)
  } catch {
    store = open()
    return await withTimeout(use(store), within)
  }
}
