import { AsyncLocalStorage } from 'node:async_hooks'
import type { ApiKey } from '../accounts/api-keys.ts'
import { type Audited, audit, type Client } from '../accounts/audit.ts'
import type { Database } from '../database/tables.ts'
import type { KnownUser } from './scim-user-rows.ts'

/** One request of the clinic's system, on its way through the SCIM plugin and what it calls of ours. */
export interface ProvisioningContext {
  readonly caller: ApiKey
  readonly from: Client
  readonly method: string
  readonly path: string
  /** Of this installation. */
  readonly secret: string
  /** Wall-clock ms. */
  readonly now: number
  /** What was known of the person before; undefined for somebody new. */
  readonly before: KnownUser | undefined
  /** The hash of the password to set, until it is set. */
  passwordHash: string | undefined
  /** The transaction that the plugin is in. */
  transaction: Database | undefined
  /** Whose devices have to hear of it once it is written. */
  readonly touched: Set<string>
  /** What is written last in each transaction. */
  readonly beforeCommit: (transaction: Database) => Promise<void>
  /** Whether who is in which team has changed. */
  teamsChanged: boolean
}

/** The plugin's hooks are told nothing of the request that they serve: it is kept for them here. */
export const provisioningContext = new AsyncLocalStorage<ProvisioningContext>()

/** @throws outside of a request. */
export function currentProvisioning(): ProvisioningContext {
  const current = provisioningContext.getStore()
  if (!current) throw new Error('the SCIM plugin was called outside of a request')
  return current
}

/** The same database, but a transaction that is begun in a request is known to that request. */
export const knowingTransactions = (db: Database): Database =>
  new Proxy(db, {
    get(target, key) {
      if (key === 'transaction') return () => ({ execute: begin(target) })
      const value: unknown = Reflect.get(target, key, target)
      // `fn` is a function that has functions: bound, it would lose them.
      return typeof value === 'function' && Object.keys(value).length === 0 ? value.bind(target) : value
    },
  })

const begin =
  (db: Database) =>
  <T>(work: (transaction: Database) => Promise<T>): Promise<T> =>
    provisioningTransaction(db, currentProvisioning(), work)

/**
 * A transaction in which the context changes with the database: where it is run again, since it came between others, what
 * the run before noted in the context was not done either.
 */
export function provisioningTransaction<T>(
  db: Database,
  current: ProvisioningContext,
  work: (transaction: Database) => Promise<T>,
): Promise<T> {
  const { passwordHash } = current
  const touched = [...current.touched]
  return db.transaction().execute(async (transaction) => {
    current.passwordHash = passwordHash
    current.touched.clear()
    for (const userId of touched) current.touched.add(userId)
    current.transaction = transaction
    try {
      const result = await work(transaction)
      await current.beforeCommit(transaction)
      return result
    } finally {
      current.transaction = undefined
    }
  })
}

/** Puts on record what a key of the clinic's system did. */
export const recordProvisioning = (
  db: Database,
  { caller, from, now }: ProvisioningContext,
  who: string,
  what: Audited,
  detail: { readonly ended?: number } = {},
): Promise<void> => audit(db, { at: now, what, who, from, detail: { by: caller.name, ...detail } })
