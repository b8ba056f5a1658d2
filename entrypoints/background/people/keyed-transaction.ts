import { promisifyRequest } from 'idb-keyval'

/** Where a value of an account stands in the database: its parts from the widest. */
export type Key = readonly [account: string, ...(string | number)[]]

/** What is read and written within one transaction. */
export interface Objects {
  readonly get: <T>(key: Key) => Promise<T | undefined>
  readonly all: <T>(range: IDBKeyRange) => Promise<T[]>
  readonly put: (key: Key, value: unknown) => void
  readonly delete: (key: Key | IDBKeyRange) => void
}

/** Resolves once all of it is committed; what fails undoes all of it. Whatever it waits for must be of this transaction. */
export async function inTransaction<T>(
  store: IDBObjectStore,
  use: (objects: Objects) => Promise<T>,
): Promise<T> {
  const { transaction } = store
  const committed = promisifyRequest(transaction)
  committed.catch(() => {})
  let result: T
  try {
    result = await use({
      get: (key) => promisifyRequest(store.get([...key])),
      all: (range) => promisifyRequest(store.getAll(range)),
      put: (key, value) => void store.put(value, [...key]),
      delete: (key) => void store.delete(key instanceof IDBKeyRange ? key : [...key]),
    })
  } catch (error) {
    // It may have ended by itself, for that very reason.
    try {
      transaction.abort()
    } catch {}
    throw error
  }
  await committed
  return result
}

/** Every key that begins so: a list comes after all texts and numbers. */
export const rangeOf = (...start: Key): IDBKeyRange => IDBKeyRange.bound([...start], [...start, []])
