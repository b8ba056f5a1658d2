import { dirname, join } from 'node:path'
import { readConfig } from '../config.ts'
import { type RunningServer, readOperatorFile } from '../operator-file.ts'
import type { ToTell } from '../people/contact-changes.ts'

/** Longer than a ring may take to be acknowledged. */
const answerWithin = 8_000

/**
 * Asks the running server for something.
 *
 * @returns `no-server` when nothing listens there, so that nothing was
 * done; `no-answer` when something does, or did, and it is not known whether it was done.
 */
export async function askServer(
  server: RunningServer,
  path: string,
  body: object,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: unknown } | 'no-server' | 'no-answer'> {
  try {
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json', ...more },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(answerWithin),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  } catch (cause) {
    return isRefused(cause) ? 'no-server' : 'no-answer'
  }
}

const isRefused = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && error.code === 'ECONNREFUSED') ||
    (error.cause !== undefined && isRefused(error.cause)))

/** What becomes of a mail that a command has put into the outbox: a sentence for whoever typed it. */
export function whenMailLeaves(operatorFile: string): string {
  const server = readOperatorFile(operatorFile)
  const folder = join(dirname(operatorFile), 'outbox')
  const mails = server?.mails ?? (readConfig(process.env).smtpUrl === undefined ? 'files' : 'sent')
  if (server)
    return mails === 'sent'
      ? 'The mail is on its way.'
      : `No mail server is set (SMTP_URL): the mail is written to ${folder}, and reaches nobody by itself.`
  return mails === 'sent'
    ? 'No server is running with this data directory: the mail will leave when one starts.'
    : `No server is running with this data directory. No mail server is set here (SMTP_URL): if none is set when a server starts, the mail will be written to ${folder}, and reach nobody by itself.`
}

/** The same of nodes, any of which mails it. @param mails whether a mail server is set here, as it should be at each of them. */
export function whenMailLeavesNodes(living: number, mails: boolean): string {
  if (!mails)
    return 'No mail server is set here (SMTP_URL): where none is set at the nodes either, the mail is written to the data directory of one of them, and reaches nobody by itself.'
  return living > 0
    ? 'The mail is on its way.'
    : 'No node is running on this database: the mail will leave when one starts.'
}

/** Has a running server close the connections of sessions that were just ended. Without one there is nothing to close. */
export async function recheckNow(operatorFile: string, userId: string): Promise<void> {
  const server = readOperatorFile(operatorFile)
  if (server) await askServer(server, '/api/operator/recheck', { user: userId })
}

/** Has a running server tell devices of contacts that were just changed. Without one there is nobody to tell. */
export async function tellContactsNow(operatorFile: string, { appended, related }: ToTell): Promise<void> {
  const server = readOperatorFile(operatorFile)
  if (server && appended.size > 0)
    await askServer(server, '/api/operator/contacts', { appended: [...appended], related })
}
