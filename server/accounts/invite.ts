import * as v from 'valibot'
import type { Database } from '../database/tables.ts'
import type { Language } from '../locales/language.ts'
import { enqueueMail } from '../mail/outbox.ts'
import { noteAccountEvent } from './account-event.ts'
import { findAccount } from './find-account.ts'
import { linkLifetime } from './link-lifetime.ts'
import { makeLink } from './links.ts'
import { normalLogin } from './username.ts'

export const isEmailAddress = (text: string): boolean =>
  v.is(v.pipe(v.string(), v.email(), v.maxLength(200)), text)

export interface Invitation {
  readonly email: string
  /** To suggest. */
  readonly name: string | null
  readonly language: Language
}

export type Invited =
  | { readonly kind: 'invited' }
  | { readonly kind: 'known' }
  | { readonly kind: 'no-email' }

/** Mails somebody a link to make their account with; an older invitation to the same address is over. */
export async function invite(db: Database, invitation: Invitation, now: number): Promise<Invited> {
  const email = normalLogin(invitation.email)
  if (!isEmailAddress(email)) return { kind: 'no-email' }
  return db.transaction().execute(async (transaction): Promise<Invited> => {
    if (await findAccount(transaction, email)) return { kind: 'known' }
    const { name, language } = invitation
    const link = await makeLink(transaction, { kind: 'invitation', email, name, language }, now)
    const uselessAt = now + linkLifetime.invitation
    await enqueueMail(
      transaction,
      { kind: 'invitation', values: { link }, to: email, language, uselessAt },
      now,
    )
    await noteAccountEvent(transaction, { kind: 'invited', userId: null, address: null, at: now })
    return { kind: 'invited' }
  })
}
