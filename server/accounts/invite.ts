import type { Database } from '../database/tables.ts'
import type { Language } from '../locales/language.ts'
import { enqueueMail } from '../mail/outbox.ts'
import { audit } from './audit.ts'
import { findAccount } from './find-account.ts'
import { linkLifetime, makeLink } from './links.ts'
import { isEmailAddress, normalLogin } from './login-name.ts'

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
    const mail = { kind: 'invitation', values: { link }, to: email, language, uselessAt } as const
    await enqueueMail(transaction, mail, now)
    await audit(transaction, { at: now, what: 'invited', detail: { by: 'operator' } })
    return { kind: 'invited' }
  })
}
