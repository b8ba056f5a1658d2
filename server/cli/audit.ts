import { parseArgs } from 'node:util'
import { audited, unknownLogin } from '../accounts/audit.ts'
import { findAccount } from '../accounts/find-account.ts'
import { readAudit } from '../accounts/read-audit.ts'
import { readConfig } from '../config.ts'
import { secretOf } from '../data-directory.ts'
import { auditJson, auditLine } from './audit-line.ts'
import { print, runCommand, usageError } from './run-command.ts'

const usage = `Usage:
  npm run audit -- [--user U] [--since 2h] [--what W] [--json]
Prints who did what, when and from where, oldest first. U is a username or email, also one that nobody has;
--since takes 30s, 15m, 2h or 7d; W is one of: ${audited.join(', ')}.`

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

await runCommand(async (argv, open) => {
  const { values } = parseArgs({
    args: argv,
    options: {
      user: { type: 'string' },
      since: { type: 'string' },
      what: { type: 'string' },
      json: { type: 'boolean' },
    },
  })
  const what = audited.find((known) => known === values.what)
  if (values.what !== undefined && what === undefined) throw usageError('There is no such entry.', usage)
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
  if (count === undefined) throw usageError('--since takes a number with s, m, h or d: 2h.', usage)
  return Number(count) * units[unit as keyof typeof units]
}
