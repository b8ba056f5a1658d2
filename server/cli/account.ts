import type { Account } from '../../protocol/connection.ts'
import { nameError, normalizedName } from '../../protocol/display-name.ts'
import { audit } from '../accounts/audit.ts'
import { findAccount } from '../accounts/find-account.ts'
import { firstPasswordEnds } from '../accounts/first-passwords.ts'
import { forgetMailbox } from '../accounts/forget-mailbox.ts'
import { invite } from '../accounts/invite.ts'
import { nameRule } from '../accounts/new-person.ts'
import {
  addAccount,
  giveFirstPassword,
  listAccounts,
  type NewAccount,
  randomPassword,
  releaseAccount,
} from '../accounts/operator-accounts.ts'
import { openPasswords } from '../accounts/passwords.ts'
import { deleteSessionsOf } from '../accounts/session-rows.ts'
import { deleteUser } from '../accounts/user-rows.ts'
import { CommandError, type CommandHelp, parseWords, print, usageError } from '../command-line.ts'
import { readConfig } from '../config.ts'
import { secretOf } from '../data-directory.ts'
import type { Database } from '../database/tables.ts'
import { knownLanguage, languages } from '../locales/language.ts'
import { dayText, zone } from './local-time.ts'
import { parseWithPassword, readPassword } from './read-password.ts'
import { type OpenWorkplace, runCommand, type Workplace } from './run-command.ts'
import { table } from './table.ts'

const help: CommandHelp = {
  command: 'npm run account',
  does: 'Adds, invites, lists and removes people, gives them passwords and ends their sessions: in the data directory of this machine, whether or not its server runs, or in the database of all nodes.',
  ways: [
    [
      'add --username USERNAME --email EMAIL --name NAME [--verified] [--password | --password-stdin]',
      'Makes an account with a first password, which is shown once.',
    ],
    [
      'password USERNAME [--password | --password-stdin]',
      'Gives somebody a new first password, and ends their sessions.',
    ],
    [
      `invite EMAIL [--name NAME] [--language ${languages.join('|')}]`,
      'Mails a link, good once within 7 days, to a page where the person chooses username, name and password.',
    ],
    [
      'list',
      'Shows everybody, with their sessions, when a first password ends, and of which clinic they are.',
    ],
    ['revoke USERNAME', 'Ends every session of theirs; their lights go off within a second.'],
    [
      'release USERNAME',
      "Takes them out of a clinic's provisioning: its system finds, changes and disables them no more, and they can log in again.",
    ],
    [
      'remove USERNAME',
      'Removes them, their sessions and their calls at once, without a question, and tells nobody; the audit record keeps what they did.',
    ],
  ],
  options: [
    ['--verified', 'you know that the email is theirs, so they may log in through the issuer with it too'],
    ['--password', 'asks for the password at the terminal, twice, and shows nothing of it'],
    ['--password-stdin', 'reads the password from the standard input, one line'],
    ['--name NAME', 'what people see; in an invitation it fills in the form'],
    ['--language CODE', 'of the invitation; en by default'],
  ],
  examples: [
    'npm run account -- add --username ann --email ann@clinic.example --name "Ann Lee"',
    'npm run account -- invite ben@clinic.example --language de',
    'npm run account -- password ann',
    'npm run account -- list',
  ],
  more: 'USERNAME may be an email address, too. Give the command the DATA_DIR of the server; or a node’s settings.',
}

await runCommand(help, async (argv, open) => {
  const [verb, ...rest] = argv
  switch (verb) {
    case 'add':
      return add(rest, open)
    case 'password':
      return givePassword(rest, open)
    case 'invite':
      return inviteByMail(rest, open)
    case 'list':
      return list(rest, open)
    case 'revoke':
    case 'remove':
      return end(verb, rest, open)
    case 'release':
      return release(rest, open)
    default:
      throw usageError(verb === undefined ? 'What should be done?' : `There is no "account ${verb}".`, help)
  }
})

async function add(argv: string[], open: OpenWorkplace) {
  const options = {
    username: { type: 'string' },
    email: { type: 'string' },
    name: { type: 'string' },
    verified: { type: 'boolean' },
  } as const
  const { values, positionals } = parseWithPassword(argv, options, 0, help)
  if (positionals.length > 0) throw usageError('"account add" takes options alone.', help)
  const { username, email, name } = values
  if (!username || !email || !name) throw usageError('An account needs --username, --email and --name.', help)
  const chosen = await chosenPassword(values)
  const place = await open({ mayMake: true })
  const { db } = place
  const { passwords, given, now } = givingPasswords(place)
  const account = { username, email, name, verified: values.verified === true, ...chosen }
  const outcome = await addAccount(db, passwords, account, given, now)
  if (outcome.kind === 'invalid') throw new CommandError(outcome.errors.join('\n'))
  const { account: added } = outcome
  print(`Added ${added.username} (${added.name}, ${added.email}).`)
  print(`They are told by mail. ${await place.whenMailLeaves()}`)
  tellPassword(chosen, now + given.firstPasswordLifetime)
}

async function givePassword(argv: string[], open: OpenWorkplace): Promise<void> {
  const { values, positionals } = parseWithPassword(argv, {}, 1, help)
  const [login] = positionals
  if (login === undefined || positionals.length !== 1)
    throw usageError('"account password" takes one username or email.', help)
  const place = await open()
  const { db } = place
  const account = await existing(db, login)
  const chosen = await chosenPassword(values)
  const { passwords, secret, given, now } = givingPasswords(place)
  const outcome = await giveFirstPassword(db, passwords, { account, secret, ...chosen }, given, now)
  if (outcome.kind === 'invalid') throw new CommandError(outcome.error)
  await place.recheck(account.id)
  print(`${login} has a new first password; ${sessionsEnded(outcome.sessions)}.`)
  print(`They are told by mail that it was changed. ${await place.whenMailLeaves()}`)
  tellPassword(chosen, now + given.firstPasswordLifetime)
}

type ChosenPassword = Pick<NewAccount, 'password' | 'isRandom'>

async function chosenPassword(asked: Parameters<typeof readPassword>[0]): Promise<ChosenPassword> {
  const typed = await readPassword(asked, help)
  return typed === undefined ? { password: randomPassword(), isRandom: true } : { password: typed }
}

/** What it takes to give somebody a password. */
function givingPasswords({ directory }: Workplace) {
  const config = readConfig(process.env)
  const secret = secretOf(config, directory)
  const { firstPasswordLifetime, publicUrl } = config
  const places = ['reachable', ...(publicUrl === undefined ? [] : [publicUrl])]
  return { passwords: openPasswords(), secret, given: { firstPasswordLifetime, places }, now: Date.now() }
}

function tellPassword({ password, isRandom }: ChosenPassword, endsAt: number): void {
  if (isRandom) print(`Password: ${password} (shown only now)`)
  print(`The password ends on ${dayText(endsAt)} (${zone()}) unless they log in with it before.`)
}

/** Puts an invitation into the outbox; the server of this data directory mails it. */
async function inviteByMail(argv: string[], open: OpenWorkplace): Promise<void> {
  const options = { name: { type: 'string' }, language: { type: 'string' } } as const
  const { values, positionals } = parseWords(argv, options, help)
  const [email] = positionals
  if (email === undefined || positionals.length !== 1) throw usageError('Whom should be invited?', help)
  const name = values.name === undefined ? null : normalizedName(values.name)
  if (name !== null && nameError(name)) throw usageError(nameRule, help)
  const language = knownLanguage(values.language ?? 'en')
  if (!language) throw usageError(`--language takes one of ${languages.join(', ')}.`, help)
  const { db, whenMailLeaves } = await open({ mayMake: true })
  const outcome = await invite(db, { email, name, language }, Date.now())
  if (outcome.kind === 'no-email') throw new CommandError(`${email} is no email address.`)
  if (outcome.kind === 'known') throw new CommandError(`There is an account with the email ${email} already.`)
  print(`Invited ${email}. ${await whenMailLeaves()}`)
}

async function list(argv: string[], open: OpenWorkplace) {
  if (argv.length > 0) throw usageError('"account list" takes nothing more.', help)
  const { db } = await open()
  const accounts = await listAccounts(db)
  if (accounts.length === 0) return print('There is no account yet. Add one with: npm run account -- add')
  const ends = await firstPasswordEnds(db)
  const now = Date.now()
  const anyClinic = accounts.some(({ clinic }) => clinic !== null)
  const rows = accounts.map(({ id, username, email, name, sessions, clinic }) => [
    username ?? '–',
    email,
    name,
    String(sessions),
    firstPassword(ends.get(id), now),
    ...(anyClinic ? [clinic ?? '–'] : []),
  ])
  const headings = ['username', 'email', 'name', 'sessions', `first password (${zone()})`]
  print(table([...headings, ...(anyClinic ? ['clinic'] : [])], rows))
}

function firstPassword(endsAt: number | undefined, now: number): string {
  if (endsAt === undefined) return '–'
  return endsAt > now ? `ends ${dayText(endsAt)}` : `ended ${dayText(endsAt)}`
}

async function end(verb: 'revoke' | 'remove', argv: string[], open: OpenWorkplace) {
  const [login] = argv
  if (login === undefined || argv.length !== 1)
    throw usageError(`"account ${verb}" takes one username or email.`, help)
  const { db, recheck } = await open()
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
  await recheck(account.id)
  const ended = sessionsEnded(sessions)
  print(verb === 'remove' ? `Removed ${login}; ${ended}.` : `${login}: ${ended}.`)
}

async function release(argv: string[], open: OpenWorkplace) {
  const [login] = argv
  if (login === undefined || argv.length !== 1)
    throw usageError('"account release" takes one username or email.', help)
  const { db, recheck } = await open()
  const account = await existing(db, login)
  const released = await releaseAccount(db, account.id, Date.now())
  if (!released) throw new CommandError(`${login} is of no clinic’s provisioning.`)
  await recheck(account.id)
  print(`${login} is no clinic’s any more${released.enabled ? ', and can log in again' : ''}.`)
  print(
    `Address and password are as they were. If the clinic should not know the password: npm run account -- password ${login}`,
  )
}

function sessionsEnded(count: number): string {
  return count === 1 ? '1 session was ended' : `${count} sessions were ended`
}

async function existing(db: Database, login: string): Promise<Account> {
  const account = await findAccount(db, login)
  if (account) return account
  throw new CommandError(`There is no account ${login}. "npm run account -- list" shows those there are.`)
}
