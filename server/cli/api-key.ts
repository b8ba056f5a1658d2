import { nameError, normalizedName } from '../../protocol/display-name.ts'
import {
  createApiKey,
  defaultMostPeople,
  type KeyLimits,
  type ListedApiKey,
  listApiKeys,
  revokeApiKey,
} from '../accounts/api-keys.ts'
import { audit } from '../accounts/audit.ts'
import { isEmailAddress, isUsername } from '../accounts/login-name.ts'
import { nameRule } from '../accounts/new-person.ts'
import { countPeopleOf } from '../accounts/scim-owner-rows.ts'
import { enqueueOperatorMail } from '../accounts/security-mail.ts'
import {
  CommandError,
  type CommandHelp,
  parseWords,
  print,
  takeNoWords,
  usageError,
} from '../command-line.ts'
import { readConfig } from '../config.ts'
import type { Database } from '../database/tables.ts'
import { isKeyScope, type KeyScope, keyScopes, scopesText } from '../key-scopes.ts'
import { minuteText, zone } from './local-time.ts'
import { type OpenWorkplace, runCommand, type Workplace } from './run-command.ts'
import { table } from './table.ts'

const help: CommandHelp = {
  command: 'npm run api-key',
  does: 'Makes, lists and revokes the keys by which programs place calls, write to people, provision them or read metrics.',
  ways: [
    ['create NAME', 'Makes a key that places calls, and shows it once. NAME is what people see calling.'],
    [
      'create NAME --scopes SCOPE,SCOPE [--own-people CLINIC]',
      `Makes a key for these things alone: ${keyScopes.join(', ')}.`,
    ],
    [
      'create NAME --scim [--own-people CLINIC --domains DOMAIN,DOMAIN [--most N]]',
      'Makes a key that provisions accounts at /scim/v2 and places no calls: --scopes scim.',
    ],
    ['create NAME --metrics', 'Makes a key that reads /metrics and does nothing else: --scopes metrics.'],
    ['list', 'Shows the keys, what each is for, and when it was last used.'],
    ['revoke NAME', 'Makes a key good for nothing, at once.'],
  ],
  options: [
    ['--scopes A,B', 'what the key is good for; "calls" by default'],
    ['--own-people CLINIC', 'limits a key to the people whom keys with that CLINIC have made'],
    ['--domains A,B', 'and one that provisions to addresses at those domains'],
    ['--most N', `and to so many people; ${defaultMostPeople} by default`],
  ],
  examples: [
    'npm run api-key -- create front-desk',
    'npm run api-key -- create portal --scopes calls,messages',
    'npm run api-key -- create north --scim --own-people north --domains north.example',
    'npm run api-key -- revoke front-desk',
  ],
  more: 'Give the command the DATA_DIR of the server, and its OPERATOR_EMAIL, who is told by mail of keys.',
}

await runCommand(help, async ([verb, ...rest], open) => {
  switch (verb) {
    case 'create':
      return create(newKey(rest), open)
    case 'list':
      takeNoWords(rest, help)
      return list(open)
    case 'revoke':
      return revoke(rest.join(' ').trim(), open)
    default:
      throw usageError(verb === undefined ? 'What should be done?' : `There is no "api-key ${verb}".`, help)
  }
})

interface NewKey {
  readonly name: string
  readonly scopes: readonly KeyScope[]
  readonly limits: KeyLimits
}

function newKey(args: string[]): NewKey {
  const options = {
    scim: { type: 'boolean' },
    'own-people': { type: 'string' },
    domains: { type: 'string' },
    most: { type: 'string' },
    metrics: { type: 'boolean' },
    scopes: { type: 'string' },
  } as const
  const { values, positionals } = parseWords(args, options, help)
  const name = normalizedName(positionals.join(' '))
  if (name === '') throw usageError('"api-key create" takes the name of a key.', help)
  if (nameError(name)) throw usageError(nameRule, help)
  if (values.scim && values.metrics) throw usageError('A key is for one of --scim and --metrics.', help)
  if (values.scopes !== undefined && (values.scim || values.metrics))
    throw usageError('--scopes says all that a key is for: leave out --scim and --metrics.', help)
  const scopes = scopesOf(values.scopes ?? (values.scim ? 'scim' : values.metrics ? 'metrics' : 'calls'))
  return { name, scopes, limits: limitsOf(scopes, values) }
}

function scopesOf(typed: string): KeyScope[] {
  const words = typed.toLowerCase().split(/[\s,]+/)
  const scopes = words.filter(isKeyScope)
  const strange = words.find((word) => !isKeyScope(word))
  if (strange === undefined) return scopes
  const rule = `--scopes takes some of these, with commas between: ${keyScopes.join(', ')}.`
  throw usageError(strange === '' ? rule : `There is no scope "${strange}". ${rule}`, help)
}

interface TypedLimits {
  readonly 'own-people'?: string | undefined
  readonly domains?: string | undefined
  readonly most?: string | undefined
}

function limitsOf(
  scopes: readonly KeyScope[],
  { 'own-people': people, domains, most }: TypedLimits,
): KeyLimits {
  if (people === undefined) {
    if (domains !== undefined) throw usageError('--domains goes with --own-people.', help)
    if (most !== undefined) throw usageError('--most goes with --own-people.', help)
    return {}
  }
  if (scopes.every((scope) => scope === 'metrics'))
    throw usageError(
      '--own-people limits what a key does about people, and one for metrics does nothing.',
      help,
    )
  const provisioningDomain = people.trim().toLowerCase()
  if (!isUsername(provisioningDomain))
    throw usageError('--own-people takes 1 to 64 letters a–z, digits and the characters . _ -', help)
  if (!scopes.includes('scim')) {
    if (domains !== undefined || most !== undefined)
      throw usageError('--domains and --most limit a key that provisions: they go with --scim.', help)
    return { provisioningDomain }
  }
  if (domains === undefined)
    throw usageError(
      `--own-people ${provisioningDomain} needs --domains a,b: the domains of the addresses of that clinic's people. Without them its key could make accounts at other clinics' addresses.`,
      help,
    )
  const emailDomains = domains.toLowerCase().split(/[\s,]+/)
  if (emailDomains.some((domain) => !isEmailAddress(`somebody@${domain}`)))
    throw usageError('--domains takes domains with commas between: north.example,north.test', help)
  if (most !== undefined && !/^[1-9]\d{0,6}$/.test(most))
    throw usageError('--most takes a number of people.', help)
  return {
    provisioningDomain,
    emailDomains,
    mostPeople: most === undefined ? defaultMostPeople : Number(most),
  }
}

async function create({ name, scopes, limits }: NewKey, open: OpenWorkplace) {
  const place = await open()
  const { db } = place
  const { operatorEmail } = readConfig(process.env)
  const scope = scopesText(scopes)
  const key = await db.transaction().execute(async (transaction) => {
    const at = Date.now()
    const { provisioningDomain, emailDomains, mostPeople } = limits
    const shared =
      provisioningDomain === undefined ? undefined : await sharedPeople(transaction, provisioningDomain)
    const created = await createApiKey(transaction, name, at, scopes, limits)
    const limited = provisioningDomain !== undefined && {
      provisioningDomain,
      ...(scopes.includes('scim') && {
        emailDomains: emailDomains?.join(' ') ?? null,
        mostPeople: mostPeople ?? null,
      }),
    }
    const detail = { by: 'operator', key: name, scope, ...limited }
    if (created === undefined) return undefined
    await audit(transaction, { at, what: 'api-key-created', detail })
    await enqueueOperatorMail(
      transaction,
      operatorEmail,
      { event: 'api-key-created', at, key: name, scope },
      at,
    )
    return { created, shared }
  })
  if (key === undefined)
    throw new CommandError(`There is a key named ${name} already. Revoke it, or choose another name.`)
  if (key.shared !== undefined) print(key.shared)
  print(`Key of ${name}, shown only now:\n${key.created}`)
  await printTold(operatorEmail, place)
}

/** Whom a key is limited to, for whoever may have mistyped it. */
async function sharedPeople(db: Database, domain: string): Promise<string> {
  const keys = (await listApiKeys(db)).filter(({ provisioningDomain }) => provisioningDomain === domain)
  const people = await countPeopleOf(db, domain)
  if (keys.length === 0 && people === 0)
    return `No key had the people of ${domain} before: this one begins without any.`
  const count = people === 1 ? '1 person' : `${people} people`
  const others = keys.map(({ name }) => name).join(', ')
  return `It has the people of ${domain}, ${count} so far${others && `, together with: ${others}`}.`
}

async function list(open: OpenWorkplace) {
  const { db } = await open()
  const keys = await listApiKeys(db)
  if (keys.length === 0) return print('There is no key yet. Make one with: npm run api-key -- create NAME')
  const time = (at: number | null) => (at === null ? 'never' : minuteText(at))
  print(
    table(
      ['name', 'for', `created (${zone()})`, `last used (${zone()})`],
      keys.map((key) => [key.name, purpose(key), time(key.createdAt), time(key.usedAt)]),
    ),
  )
}

function purpose({ scope, provisioningDomain, emailDomains }: ListedApiKey): string {
  const scopes = scope.replaceAll(' ', ', ')
  if (provisioningDomain === null) return scopes
  const at = emailDomains === null ? '' : ` at ${emailDomains.replaceAll(' ', ', ')}`
  return `${scopes}, the people of ${provisioningDomain}${at}`
}

async function revoke(typed: string, open: OpenWorkplace) {
  if (typed === '' || typed.startsWith('-'))
    throw usageError('"api-key revoke" takes the name of a key.', help)
  const place = await open()
  const { db } = place
  const { operatorEmail } = readConfig(process.env)
  const revoked = await db.transaction().execute(async (transaction) => {
    // As it stands in the list, which may have names of before there was a rule for them.
    for (const key of new Set([typed, normalizedName(typed)]))
      if (await revokeApiKey(transaction, key)) {
        const at = Date.now()
        await audit(transaction, { at, what: 'api-key-revoked', detail: { by: 'operator', key } })
        await enqueueOperatorMail(transaction, operatorEmail, { event: 'api-key-revoked', at, key }, at)
        return true
      }
    return false
  })
  if (!revoked)
    throw new CommandError(`There is no key named ${typed}. "npm run api-key -- list" shows those there are.`)
  print(`Revoked ${typed}: it is good for nothing any more.`)
  await printTold(operatorEmail, place)
}

/** Whoever else runs this server should hear of keys that they did not make or revoke themselves. */
async function printTold(operatorEmail: string | undefined, { whenMailLeaves }: Workplace) {
  if (operatorEmail !== undefined) print(`${operatorEmail} is told by mail. ${await whenMailLeaves()}`)
}
