import type { MailRow } from '../database/mail-tables.ts'
import type { Database } from '../database/tables.ts'
import { knownLanguage } from '../locales/language.ts'
import { type MailContent, parseContent } from './mail-content.ts'
import { type MailTemplate, renderHtml, renderText } from './mail-template.ts'
import type { Message } from './mail-transport.ts'
import { type Addressee, type ListedCall, mailTemplates, type UnreadThread } from './templates.ts'

/** The addresses of the pages that mails lead to. */
export interface MailedAddresses {
  /** Of the page that says how to begin. */
  readonly start: string
  readonly forgot: string
  reset(token: string): string
  invitation(token: string): string
  confirm(token: string): string
}

export interface MailWriterDependencies {
  readonly db: Database
  /** Where people reach us. */
  readonly publicUrl: () => string
  readonly addressesAt: (publicUrl: string) => MailedAddresses
  /** Lets a link work as its mail leaves; undefined when the link is over. */
  readonly openLink: (
    id: string,
    now: number,
  ) => Promise<{ readonly token: string; readonly name: string | null } | undefined>
  /** What a mail that was made then (wall-clock ms) has to tell of these calls; nothing once all were seen. */
  readonly missedCalls: (
    userId: string,
    calls: readonly string[],
    madeAt: number,
  ) => Promise<readonly ListedCall[]>
  /** What a mail that was made then (wall-clock ms) has to tell of these; nothing once none is expected any more. */
  readonly expectedCalls: (
    userId: string,
    calls: readonly string[],
    madeAt: number,
  ) => Promise<readonly ListedCall[]>
  /** The threads that a mail which was made then (wall-clock ms) has to tell of; nothing once all were read. */
  readonly unreadThreads: (userId: string, madeAt: number) => Promise<readonly UnreadThread[]>
}

interface WrittenMail {
  readonly mail: MailTemplate
  readonly link?: string
}

/**
 * Writes a mail as it leaves, from what is true at that moment.
 *
 * @returns undefined when there is no point in it any more: its link is over, its calls were seen.
 */
export async function writeMail(
  dependencies: MailWriterDependencies,
  row: MailRow,
  now: number,
): Promise<Message | undefined> {
  const language = knownLanguage(row.language) ?? 'en'
  const templates = mailTemplates(language, new URL(dependencies.publicUrl()).host)
  const content = parseContent(row.kind, row.values)
  const written = await write(dependencies, row, content, templates, now)
  if (!written) return undefined
  const { mail, link } = written
  return {
    id: row.id,
    to: row.to,
    language,
    subject: mail.subject,
    text: renderText(mail),
    html: renderHtml(mail, language),
    madeAt: row.madeAt,
    ...(link !== undefined && { link }),
  }
}

async function write(
  dependencies: MailWriterDependencies,
  row: MailRow,
  content: MailContent,
  templates: ReturnType<typeof mailTemplates>,
  now: number,
): Promise<WrittenMail | undefined> {
  const { db, publicUrl, addressesAt, openLink } = dependencies
  const { missedCalls, expectedCalls, unreadThreads } = dependencies
  const addresses = addressesAt(publicUrl())
  const who = await addressee(db, row.userId)
  switch (content.kind) {
    case 'reset':
    case 'invitation':
    case 'sign-up': {
      const opened = await openLink(content.values.link, now)
      if (!opened) return undefined
      const { token, name } = opened
      const invited = { name, username: null }
      if (content.kind === 'reset') {
        const link = addresses.reset(token)
        return { mail: templates.reset(who, link), link }
      }
      if (content.kind === 'invitation') {
        const link = addresses.invitation(token)
        return { mail: templates.invitation(invited, link), link }
      }
      const link = addresses.confirm(token)
      return { mail: templates.signUp(invited, link), link }
    }
    case 'changed':
      return { mail: templates.changed(who, content.values.at, addresses.forgot) }
    case 'known':
      return { mail: templates.known(who, addresses.forgot) }
    case 'missed': {
      const calls = row.userId === null ? [] : await missedCalls(row.userId, content.values.calls, row.madeAt)
      return calls.length === 0 ? undefined : { mail: templates.missed(who, calls) }
    }
    case 'expected': {
      const calls =
        row.userId === null ? [] : await expectedCalls(row.userId, content.values.calls, row.madeAt)
      return calls.length === 0 ? undefined : { mail: templates.expected(who, calls) }
    }
    case 'unread': {
      const threads = row.userId === null ? [] : await unreadThreads(row.userId, row.madeAt)
      return threads.length === 0 ? undefined : { mail: templates.unread(who, threads) }
    }
    case 'token-tried':
      return { mail: templates.tokenTried(who, content.values, addresses.forgot) }
    case 'issuer-linked':
      return { mail: templates.issuerLinked(who, content.values) }
    case 'account-added':
      return { mail: templates.accountAdded(who, content.values, addresses) }
    case 'api-key-created':
      return { mail: templates.apiKeyCreated(content.values) }
    case 'api-key-revoked':
      return { mail: templates.apiKeyRevoked(content.values) }
    case 'api-key-misused':
      return { mail: templates.apiKeyMisused(content.values) }
    case 'disk-low':
      return { mail: templates.diskLow(content.values) }
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
