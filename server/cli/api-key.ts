import { createApiKey, type KeyScope, listApiKeys, revokeApiKey } from '../accounts/api-keys.ts'
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
  const key = await createApiKey(db, name, Date.now(), scope)
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
  if (!(await revokeApiKey(db, name))) throw new CommandError(`There is no key named ${name}.`)
  print(`Revoked ${name}: it is good for nothing any more.`)
}
