import { audited, unknownLogin } from '../accounts/audit.ts'
import { findAccount } from '../accounts/find-account.ts'
import { readAudit } from '../accounts/read-audit.ts'
import { type CommandHelp, parseWords, print, usageError } from '../command-line.ts'
import { readConfig } from '../config.ts'
import { secretOf } from '../data-directory.ts'
import { auditJson, auditLine } from './audit-line.ts'
import { runCommand } from './run-command.ts'

const help: CommandHelp = {
  command: 'npm run audit',
  does: 'Prints who did what, when and from where, oldest first.',
  ways: [['[--user USERNAME] [--since 2h] [--what WHAT] [--json]', '']],
  options: [
    ['--user USERNAME', 'only of one person: a username or email, also one that nobody has'],
    ['--since 2h', 'only of late: 30s, 15m, 2h or 7d'],
    ['--what WHAT', `only of one kind: ${audited.join(', ')}`],
    ['--json', 'a line of JSON each, exactly as it is on record, its times by UTC'],
  ],
  examples: [
    'npm run audit -- --since 2h',
    'npm run audit -- --user ann --what sign-in-refused',
    'npm run --silent audit -- --json --since 7d | jq .what',
  ],
  more: 'Times are those of this machine, or of TZ, each with its offset from UTC.',
}

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

await runCommand(help, async (argv, open) => {
  const options = {
    user: { type: 'string' },
    since: { type: 'string' },
    what: { type: 'string' },
    json: { type: 'boolean' },
  } as const
  const { values, positionals } = parseWords(argv, options, help)
  if (positionals.length > 0) throw usageError('"audit" takes options alone.', help)
  const what = audited.find((known) => known === values.what)
  if (values.what !== undefined && what === undefined)
    throw usageError(`--what takes one of: ${audited.join(', ')}.`, help)
  const since = values.since === undefined ? undefined : Date.now() - lengthOf(values.since)
  const { db, directory } = await open()
  const secret = secretOf(readConfig(process.env), directory)
  const whose = values.user === undefined ? {} : await personNamed(values.user)

  async function personNamed(name: string) {
    return { who: (await findAccount(db, name))?.id ?? '', login: unknownLogin(secret, name) }
  }

  for await (const entry of readAudit(db, { ...whose, what, since }))
    print(values.json ? auditJson(entry) : auditLine(entry))
})

function lengthOf(given: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(given) ?? []
  if (count === undefined) throw usageError('--since takes a number with s, m, h or d: 2h.', help)
  return Number(count) * units[unit as keyof typeof units]
}
