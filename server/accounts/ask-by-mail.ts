import type { Database } from '../database/tables.ts'
import type { Language } from '../locales/language.ts'
import { enqueueMail } from '../mail/outbox.ts'
import { addressKey } from './address-key.ts'
import { countRequest } from './rate-limit.ts'
import { normalLogin } from './username.ts'

const mostForPerson = 5
const mostForAddress = 20

/** Who asks: from which address, and in which language if we do not know better. */
export interface Asker {
  readonly address: string
  readonly language: Language
}

export type Asked =
  | { readonly kind: 'asked' }
  /** Seconds. */
  | { readonly kind: 'too-often'; readonly retryAfter: number }

/**
 * Somebody forgot a password. Nothing here looks whether there is such a person: what was typed is counted
 * and written down, and the outbox finds out whom it concerns. So all are answered alike and take alike.
 */
export const askReset = (db: Database, typed: string, asker: Asker, now: number): Promise<Asked> => {
  const login = normalLogin(typed)
  return ask(db, 'reset', login, asker, now, (transaction) =>
    enqueueMail(
      transaction,
      { kind: 'reset-asked', values: { login, address: asker.address }, to: '', language: asker.language },
      now,
    ),
  )
}

/** Somebody wants an account with this address: in the same way nobody is looked for. */
export const askSignUp = (db: Database, typed: string, asker: Asker, now: number): Promise<Asked> => {
  const to = normalLogin(typed)
  return ask(db, 'sign-up', to, asker, now, (transaction) =>
    enqueueMail(
      transaction,
      { kind: 'sign-up-asked', values: { address: asker.address }, to, language: asker.language },
      now,
    ),
  )
}

const ask = (
  db: Database,
  what: string,
  who: string,
  { address }: Asker,
  now: number,
  enqueue: (db: Database) => Promise<void>,
): Promise<Asked> =>
  db.transaction().execute(async (transaction) => {
    const wait = await countRequest(
      transaction,
      [
        { key: `${what} for ${who}`, most: mostForPerson },
        { key: `${what} from ${addressKey(address)}`, most: mostForAddress },
      ],
      now,
    )
    if (wait > 0) return { kind: 'too-often', retryAfter: Math.ceil(wait / 1_000) }
    await enqueue(transaction)
    return { kind: 'asked' }
  })
