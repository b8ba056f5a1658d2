import { Visitor } from 'oxc-parser'
import { expect, test } from 'vitest'
import { type SourceFile, sourceFiles } from './source-file.ts'

const tables = ['user', 'session', 'account', 'verification']

/** One file for each table that we write; of `verification` we have no use. */
const writers = {
  'server/accounts/user-rows.ts': ['user'],
  'server/accounts/session-rows.ts': ['session'],
  'server/accounts/credential-rows.ts': ['account'],
}

const writes = ['insertInto', 'replaceInto', 'updateTable', 'deleteFrom', 'mergeInto']
const rawWrite = /\b(?:insert\s+(?:or\s+\w+\s+)?into|replace\s+into|update|delete\s+from)\s+["`[]?(\w+)/gi

/** The tables of better-auth that a file writes to; one that it does not name where it writes may be any that it names at all. */
function writtenBy({ program, text }: SourceFile): readonly string[] {
  const named: string[] = []
  const mentioned: string[] = []
  let unnamed = false
  new Visitor({
    CallExpression({ callee, arguments: [table] }) {
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return
      if (!writes.includes(callee.property.name)) return
      if (table?.type === 'Literal') named.push(String(table.value).split(' ')[0] ?? '')
      else unnamed = true
    },
    Literal({ value }) {
      if (typeof value === 'string') mentioned.push(value)
    },
  }).visit(program)
  const raw = [...text.matchAll(rawWrite)].map(([, table = '']) => table)
  const all = [...named, ...raw, ...(unnamed ? mentioned : [])]
  return tables.filter((table) => all.includes(table))
}

test('H1.5 each table that better-auth shapes is written to by its one file, and by better-auth', () => {
  const found = sourceFiles()
    .filter(({ path }) => path.startsWith('server/') && !path.startsWith('server/database/migrations/'))
    .map((file) => [file.path, writtenBy(file)] as const)
    .filter(([, written]) => written.length > 0)
  expect(Object.fromEntries(found)).toEqual(writers)
})
