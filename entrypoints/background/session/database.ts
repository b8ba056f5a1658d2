import { createStore, type UseStore } from 'idb-keyval'
import { withTimeout } from '../../../platform/timeout.ts'

/** A database that is stuck gives no answer at all; milliseconds, twice: whoever pressed something is told within 5 s. */
const within = 2_000

/** @throws when the browser cannot read or write, for want of space for instance. */
export type UseDatabase = <T>(use: (opened: UseStore) => Promise<T>) => Promise<T>

/**
 * One IndexedDB database of this device, by its name.
 *
 * A connection to IndexedDB dies when the browser clears or closes the database, and `idb-keyval` keeps
 * the dead one: so a use that fails is tried once more on a new one. It may have worked in spite of that: whatever is
 * done here twice must be as if it were done once.
 * https://github.com/jakearchibald/idb-keyval/issues/158
 */
export function databaseNamed(name: string): UseDatabase {
  const open = () => createStore(name, 'kept')
  let store: UseStore | undefined
  return async (use) => {
    store ??= open()
    try {
      return await withTimeout(use(store), within)
    } catch {
      store = open()
      return await withTimeout(use(store), within)
    }
  }
}

/** Uses the device's IndexedDB, where secrets that must outlive the browser are kept. */
export const inDatabase: UseDatabase = databaseNamed('reachable')
