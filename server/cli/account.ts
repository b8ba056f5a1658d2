import { parseArgs } from 'node:util'
import type { Account } from '../../protocol/connection.ts'
import { nameError, normalizedName } from '../../protocol/display-name.ts'
import { audit } from '../accounts/audit.ts'
import { findAccount } from '../accounts/find-account.ts'
import { forgetMailbox } from '../accounts/forget-mailbox.ts'
import { invite } from '../accounts/invite.ts'
import { addAccount, listAccounts, randomPassword } from '../accounts/operator-accounts.ts'
import { deleteSessionsOf } from '../accounts/session-rows.ts'
import { deleteUser } from '../accounts/user-rows.ts'
import { readConfig } from '../config.ts'
import { secretOf } from '../data-directory.ts'
import type { Database } from '../database/tables.ts'
import { knownLanguage, languages } from '../locales/language.ts'
import { CommandError, print, runCommand, usageError, type Workplace } from './run-command.ts'
import { recheckNow, whenMailLeaves } from './running-server.ts'
import { table } from './table.ts'

const usage = `Usage:
  npm run account -- add --username U --email E --name N [--password P] [--verified]
                                         without P, a password is made and shown; --verified: you know that
                                         the email is theirs, so they may sign in at the issuer with it too
  npm run account -- invite EMAIL [--name N] [--language en|de|es|fr]
                                         mails a link to choose username and password
  npm run account -- list
  npm run account -- revoke USERNAME     ends every session of theirs
  npm run account -- remove USERNAME     removes them and their calls`

const inviteUsage = `Usage:
  npm run account -- invite EMAIL [--name N] [--language ${languages.join('|')}]
Mails a link, good once within 7 days, to a page where the person chooses username, name and password.`

await runCommand(async (argv, open) => {
  const [verb, ...rest] = argv
  switch (verb) {
    case 'add':
      return add(rest, open)
    case 'invite':
      return inviteByMail(rest, open)
    case 'list':
      return list(rest, open)
    case 'revoke':
    case 'remove':
      return end(verb, rest, open)
    default:
      throw usageError(verb === undefined ? 'What should be done?' : `There is no "account ${verb}".`, usage)
  }
})

async function add(argv: string[], open: () => Promise<Workplace>) {
  const { values } = parseArgs({
    args: argv,
    options: {
      username: { type: 'string' },
      email: { type: 'string' },
      name: { type: 'string' },
      password: { type: 'string' },
      verified: { type: 'boolean' },
    },
  })
  const { username, email, name } = values
  if (!username || !email || !name)
    throw usageError('An account needs --username, --email and --name.', usage)
  const password = values.password ?? randomPassword()
  const { db, directory } = await open()
  // Loaded here alone: it takes longer to load than any command takes to run.
  const { createAuth } = await import('../accounts/better-auth.ts')
  const auth = createAuth(db, secretOf(readConfig(process.env), directory), 'http://127.0.0.1')
  const account = { username, email, name, password, verified: values.verified === true }
  const outcome = await addAccount(db, auth, account, Date.now())
  if (outcome.kind === 'invalid') throw new CommandError(outcome.errors.join('\n'))
  const { account: added } = outcome
  print(`Added ${added.username} (${added.name}, ${added.email}).`)
  print(`They are told by mail. ${whenMailLeaves(directory.operator)}`)
  if (values.password === undefined) print(`Password: ${password} (shown only now)`)
}

/** Puts an invitation into the outbox; the server of this data directory mails it. */
async function inviteByMail(argv: string[], open: () => Promise<Workplace>): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { name: { type: 'string' }, language: { type: 'string' } },
    allowPositionals: true,
  })
  const [email] = positionals
  if (email === undefined || positionals.length !== 1)
    throw usageError('Whom should be invited?', inviteUsage)
  const name = values.name === undefined ? null : normalizedName(values.name)
  if (name !== null && nameError(name))
    throw usageError('A name has 1 to 100 characters, none of them control characters.', inviteUsage)
  const language = knownLanguage(values.language ?? 'en')
  if (!language) throw usageError(`--language takes one of ${languages.join(', ')}.`, inviteUsage)
  const { db, directory } = await open()
  const outcome = await invite(db, { email, name, language }, Date.now())
  if (outcome.kind === 'no-email') throw new CommandError(`${email} is no email address.`)
  if (outcome.kind === 'known') throw new CommandError(`There is an account with the email ${email} already.`)
  print(`Invited ${email}. ${whenMailLeaves(directory.operator)}`)
}

async function list(argv: string[], open: () => Promise<Workplace>) {
  if (argv.length > 0) throw usageError('"account list" takes nothing more.', usage)
  const { db } = await open()
  const accounts = await listAccounts(db)
  if (accounts.length === 0) return print('There is no account yet. Add one with: npm run account -- add')
  const rows = accounts.map(({ username, email, name, sessions }) => [
    username ?? '–',
    email,
    name,
    String(sessions),
  ])
  print(table(['username', 'email', 'name', 'sessions'], rows))
}

async function end(verb: 'revoke' | 'remove', argv: string[], open: () => Promise<Workplace>) {
  const [login] = argv
  if (login === undefined || argv.length !== 1)
    throw usageError(`"account ${verb}" takes one username or email.`, usage)
  const { db, directory } = await open()
  const account = await existing(db, login)
  const sessions = await db.transaction().execute(async (transaction) => {
    const count = await deleteSessionsOf(transaction, account.id)
    const detail = { sessions: count, by: 'operator', verb }
    await audit(transaction, { at: Date.now(), what: 'sessions-revoked', who: account.id, detail })
    if (verb === 'remove') {
      await forgetMailbox(transaction, account.email)
      await deleteUser(transaction, account.id)
    }
    return count
  })
  await recheckNow(directory.operator, account.id)
  const ended = sessions === 1 ? '1 session was ended' : `${sessions} sessions were ended`
  print(verb === 'remove' ? `Removed ${login}; ${ended}.` : `${login}: ${ended}.`)
}

async function existing(db: Database, login: string): Promise<Account> {
  const account = await findAccount(db, login)
  if (account) return account
  throw new CommandError(`There is no account ${login}. "npm run account -- list" shows those there are.`)
}
