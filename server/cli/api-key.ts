import { createApiKey, type KeyScope, listApiKeys, revokeApiKey } from '../accounts/api-keys.ts'
import { audit } from '../accounts/audit.ts'
import { CommandError, print, runCommand, usageError, type Workplace } from './run-command.ts'
import { table } from './table.ts'

const usage = `Usage:
  npm run api-key -- create NAME     shows the key, once; NAME is what people see calling
  npm run api-key -- create NAME --scim     a key that provisions accounts at /scim/v2 and places no calls
  npm run api-key -- list
  npm run api-key -- revoke NAME`

await runCommand(async ([verb, ...rest], open) => {
  const scope = verb === 'create' && rest.includes('--scim') ? 'scim' : 'calls'
  const name = rest
    .filter((word) => scope === 'calls' || word !== '--scim')
    .join(' ')
    .trim()
  switch (verb) {
    case 'create':
      return create(named(verb, name), scope, open)
    case 'list':
      return list(open)
    case 'revoke':
      return revoke(named(verb, name), open)
    default:
      throw usageError(verb === undefined ? 'What should be done?' : `There is no "api-key ${verb}".`, usage)
  }
})

function named(verb: string, name: string): string {
  if (name === '' || name.startsWith('-'))
    throw usageError(`"api-key ${verb}" takes the name of a key.`, usage)
  if (name.length > 100) throw usageError('The name of a key has at most 100 characters.', usage)
  return name
}

async function create(name: string, scope: KeyScope, open: () => Promise<Workplace>) {
  const { db } = await open()
  const key = await db.transaction().execute(async (transaction) => {
    const at = Date.now()
    const created = await createApiKey(transaction, name, at, scope)
    const detail = { by: 'operator', key: name, scope }
    if (created !== undefined) await audit(transaction, { at, what: 'api-key-created', detail })
    return created
  })
  if (key === undefined)
    throw new CommandError(`There is a key named ${name} already. Revoke it, or choose another name.`)
  print(`Key of ${name}, shown only now:\n${key}`)
}

async function list(open: () => Promise<Workplace>) {
  const { db } = await open()
  const keys = await listApiKeys(db)
  if (keys.length === 0) return print('There is no key yet. Make one with: npm run api-key -- create NAME')
  const time = (at: number | null) =>
    at === null ? 'never' : new Date(at).toISOString().slice(0, 16).replace('T', ' ')
  print(
    table(
      ['name', 'for', 'created (UTC)', 'last used (UTC)'],
      keys.map((key) => [key.name, key.scope, time(key.createdAt), time(key.usedAt)]),
    ),
  )
}

async function revoke(name: string, open: () => Promise<Workplace>) {
  const { db } = await open()
  const revoked = await db.transaction().execute(async (transaction) => {
    if (!(await revokeApiKey(transaction, name))) return false
    const detail = { by: 'operator', key: name }
    await audit(transaction, { at: Date.now(), what: 'api-key-revoked', detail })
    return true
  })
  if (!revoked) throw new CommandError(`There is no key named ${name}.`)
  print(`Revoked ${name}: it is good for nothing any more.`)
}
