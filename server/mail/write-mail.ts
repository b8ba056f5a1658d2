import { linkState } from '../accounts/link-lifetime.ts'
import { openLink, readLink } from '../accounts/links.ts'
import { missedNews } from '../calls/missed-mails.ts'
import type { MailRow } from '../database/mail-tables.ts'
import type { Database } from '../database/tables.ts'
import { knownLanguage } from '../locales/language.ts'
import type { Message } from './mail.ts'
import { type MailContent, parseContent } from './mail-content.ts'
import { pageAddresses } from './page-addresses.ts'
import type { MailTemplate } from './template.ts'
import { templateHtml } from './template-html.ts'
import { templateText } from './template-text.ts'
import { type Addressee, mailTemplates } from './templates.ts'

export interface MailWriter {
  readonly db: Database
  readonly secret: string
  readonly publicUrl: () => string
}

interface Written {
  readonly mail: MailTemplate
  readonly link?: string
}

/**
 * Writes a mail as it leaves, from what is true at that moment.
 *
 * @returns undefined when there is no point in it any more: its link is over, its calls were seen.
 */
export async function writeMail(writer: MailWriter, row: MailRow, now: number): Promise<Message | undefined> {
  const language = knownLanguage(row.language) ?? 'en'
  const at = writer.publicUrl()
  const content = parseContent(row.kind, row.values)
  const written = await write(writer, row, content, mailTemplates(language, new URL(at).host), now)
  if (!written) return undefined
  const { mail, link } = written
  return {
    id: row.id,
    to: row.to,
    language,
    subject: mail.subject,
    text: templateText(mail),
    html: templateHtml(mail, language),
    madeAt: row.madeAt,
    ...(link !== undefined && { link }),
  }
}

async function write(
  { db, secret, publicUrl }: MailWriter,
  row: MailRow,
  content: MailContent,
  say: ReturnType<typeof mailTemplates>,
  now: number,
): Promise<Written | undefined> {
  const addresses = pageAddresses(publicUrl())
  const who = await addressee(db, row.userId)
  switch (content.kind) {
    case 'reset':
    case 'invitation':
    case 'sign-up': {
      const link = await readLink(db, content.values.link)
      if (!link || linkState(link, now) !== 'good') return undefined
      const token = await openLink(db, secret, link.id)
      const invited = { name: link.name, username: null }
      if (content.kind === 'reset') {
        const url = addresses.reset(token)
        return { mail: say.reset(who, url), link: url }
      }
      if (content.kind === 'invitation') {
        const url = addresses.invitation(token)
        return { mail: say.invitation(invited, url), link: url }
      }
      const url = addresses.confirm(token)
      return { mail: say.signUp(invited, url), link: url }
    }
    case 'changed':
      return { mail: say.changed(who, content.values.at, addresses.forgot) }
    case 'known':
      return { mail: say.known(who, addresses.forgot) }
    case 'missed': {
      const calls = row.userId === null ? [] : await missedNews(db, row.userId, content.values.calls)
      return calls.length === 0 ? undefined : { mail: say.missed(who, calls) }
    }
    case 'reset-asked':
    case 'sign-up-asked':
      return undefined
  }
}

async function addressee(db: Database, userId: string | null): Promise<Addressee> {
  if (userId === null) return { name: null, username: null }
  const row = await db
    .selectFrom('user')
    .select(['name', 'username', 'displayUsername'])
    .where('id', '=', userId)
    .executeTakeFirst()
  return { name: row?.name ?? null, username: row?.displayUsername ?? row?.username ?? null }
}
