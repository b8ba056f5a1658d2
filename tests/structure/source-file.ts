import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { type Program, parseSync, Visitor } from 'oxc-parser'
import { inRoot, root } from '../../scripts/root.ts'

export interface SourceFile {
  /** From the repository's folder, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly lines: number
  /** Files of the repository by their path from its folder, packages by their name. */
  readonly imports: readonly string[]
  readonly program: Program
}

export const readFile = (path: string) => readFileSync(inRoot(path), 'utf8')

/** Every file that git knows or would take, by its path from the repository's folder. */
export function files(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  const gone = execFileSync('git', ['ls-files', '-z', '--deleted'], { cwd: root, encoding: 'utf8' })
  const deleted = new Set(gone.split('\0'))
  return listed.split('\0').filter((path) => path !== '' && !deleted.has(path))
}

const isFile = (specifier: string) => specifier.startsWith('.')
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

function parse(path: string): SourceFile {
  const text = readFile(path)
  const { module, program, errors } = parseSync(path, text)
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`)
  const specifiers = [
    ...module.staticImports.map((entry) => entry.moduleRequest.value),
    ...module.staticExports.flatMap((entry) => entry.entries.map((one) => one.moduleRequest?.value ?? '')),
    ...module.dynamicImports.map((entry) =>
      text.slice(entry.moduleRequest.start + 1, entry.moduleRequest.end - 1),
    ),
  ]
  const imports = specifiers
    .filter((specifier) => specifier !== '')
    .map((specifier) =>
      isFile(specifier) ? posix.join(posix.dirname(path), specifier) : packageOf(specifier),
    )
  return { path, text, lines: text.trimEnd().split('\n').length, imports: [...new Set(imports)], program }
}

let parsed: readonly SourceFile[] | undefined

/** Every TypeScript file of the repository, parsed once. */
export function sourceFiles(): readonly SourceFile[] {
  parsed ??= files()
    .filter((path) => /\.(ts|tsx|mjs)$/.test(path))
    .map(parse)
  return parsed
}

/** What a file reads from a name that it neither declares nor imports, such as `tabs` of `chrome.tabs`. */
export function membersOf(file: SourceFile, objects: readonly string[]): readonly string[] {
  const members: string[] = []
  new Visitor({
    MemberExpression({ object, property }) {
      if (object.type === 'Identifier' && objects.includes(object.name) && property.type === 'Identifier')
        members.push(property.name)
      // globalThis.chrome and self.chrome are the same door by another name.
      if (
        object.type === 'Identifier' &&
        ['globalThis', 'self', 'window'].includes(object.name) &&
        property.type === 'Identifier' &&
        objects.includes(property.name)
      )
        members.push(`${object.name}.${property.name}`)
    },
  }).visit(file.program)
  return members
}
