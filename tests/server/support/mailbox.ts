import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ParsedMail, simpleParser } from 'mailparser'
import { expect } from 'vitest'
import type { TestServer } from './in-process-server.ts'

/** Every mail that a server without a mail server has written, those made first at the beginning. */
export function writtenMails(dataDir: string): Promise<ParsedMail[]> {
  const outbox = join(dataDir, 'outbox')
  const names = readdirSync(outbox).filter((name) => name.endsWith('.eml'))
  return Promise.all(names.sort().map((name) => simpleParser(readFileSync(join(outbox, name)))))
}

/** Waits until so many mails were written to an address. @returns them. */
export async function mailsTo({ dataDir }: { dataDir: string }, email: string, count = 1) {
  let mails: ParsedMail[] = []
  await expect
    .poll(
      async () => {
        mails = (await writtenMails(dataDir).catch(() => [])).filter((mail) => addressOf(mail) === email)
        return mails.length
      },
      { timeout: 10_000, message: `mails to ${email}` },
    )
    .toBe(count)
  return mails
}

const addressOf = ({ to }: ParsedMail) => [to].flat()[0]?.value[0]?.address

/** The path of the link to our pages that a mail carries; the last of them by time. */
export function linkIn(mails: readonly ParsedMail[]): string {
  const links = mails.map(
    ({ text }) => text?.match(/http\S+\/(?:password\/reset|invitation|sign-up)\/\S+/)?.[0],
  )
  const last = links.findLast((link) => link !== undefined)
  if (last === undefined) throw new Error('no mail has a link')
  return new URL(last).pathname
}

/** Nothing was ever put into the outbox for an address. */
export async function expectNoMailTo(server: TestServer, email: string): Promise<void> {
  const db = await server.db()
  expect(await db.selectFrom('mail').select('kind').where('to', '=', email).execute()).toEqual([])
}
