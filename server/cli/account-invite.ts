import { parseArgs } from 'node:util'
import { invite } from '../accounts/invite.ts'
import { keptName, nameError } from '../accounts/new-person.ts'
import { knownLanguage, languages } from '../locales/language.ts'
import { readOperatorFile } from '../operator-file.ts'
import { CommandError, usageError, type Workplace } from './run-command.ts'

const usage = `Usage:
  npm run account -- invite EMAIL [--name N] [--language ${languages.join('|')}]
Mails a link, good once within 7 days, to a page where the person chooses username, name and password.`

/** Puts an invitation into the outbox; the server of this data directory mails it. */
export async function inviteByMail(argv: string[], open: () => Promise<Workplace>): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { name: { type: 'string' }, language: { type: 'string' } },
    allowPositionals: true,
  })
  const [email] = positionals
  if (email === undefined || positionals.length !== 1) throw usageError('Whom should be invited?', usage)
  const name = values.name === undefined ? null : keptName(values.name)
  if (name !== null && nameError(name))
    throw usageError('A name has 1 to 100 characters, none of them control characters.', usage)
  const language = knownLanguage(values.language ?? 'en')
  if (!language) throw usageError(`--language takes one of ${languages.join(', ')}.`, usage)
  const { db, directory } = await open()
  const outcome = await invite(db, { email, name, language }, Date.now())
  if (outcome.kind === 'no-email') throw new CommandError(`${email} is no email address.`)
  if (outcome.kind === 'known') throw new CommandError(`There is an account with the email ${email} already.`)
  const when = readOperatorFile(directory.operator)
    ? 'The mail is on its way'
    : 'No server is running with this data directory: the mail will leave when one starts'
  process.stdout.write(`Invited ${email}. ${when}.\n`)
}
