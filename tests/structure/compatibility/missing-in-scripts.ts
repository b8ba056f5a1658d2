import { type Node, type Program, parseSync, Visitor } from 'oxc-parser'
import {
  entry,
  type Feature,
  globals,
  lacks,
  members,
  membersOfGlobal,
  type Oldest,
  recordOf,
  unrecorded,
} from './browser-record.ts'
import { ownKeys, ownVariables, plainNames } from './own-names.ts'

const extensionApi = recordOf('webextensions.api')

const globalObjects = ['globalThis', 'self', 'window']

interface Member {
  readonly object: Node
  readonly name: string
}

function memberOf(node: Node): Member | undefined {
  if (node.type !== 'MemberExpression') return undefined
  const { object, property, computed } = node
  if (property.type === 'Identifier' && !computed) return { object, name: property.name }
  if (property.type === 'Literal' && typeof property.value === 'string')
    return { object, name: property.value }
  return undefined
}

function parse(script: string): Program {
  const { program, errors } = parseSync('shipped.js', script)
  if (errors[0]) throw new Error(errors[0].message)
  return program
}

/**
 * What the scripts of one build use that `oldest` does not have: syntax, globals, static members, and the members of
 * instances whose name tells that no instance has them. A name that the build gives to something of its own says
 * nothing about an instance.
 */
export function missingInScripts(scripts: readonly string[], oldest: Oldest): readonly string[] {
  const programs = scripts.map(parse)
  const keys = new Set(programs.flatMap((program) => [...ownKeys(program)]))
  return [...new Set(programs.flatMap((program) => missingIn(program, keys, oldest)))]
}

function missingIn(program: Program, keys: ReadonlySet<string>, oldest: Oldest): readonly string[] {
  const variables = ownVariables(program)
  const plain = plainNames(program)
  const missing: string[] = []
  const need = (features: readonly Feature[], written: string) => {
    if (lacks(features, oldest)) missing.push(written)
  }
  /** `URL`, also as `globalThis.URL`. */
  function globalName(node: Node): string | undefined {
    if (node.type === 'Identifier') return plain.has(node) || variables.has(node.name) ? undefined : node.name
    const of = memberOf(node)
    return of && globalObjects.includes(globalName(of.object) ?? '') ? of.name : undefined
  }

  function member(node: Node): void {
    const found = memberOf(node)
    if (!found) return
    const { object, name } = found
    const outer = memberOf(object)
    if (outer) extension(outer, name)
    const global = globalName(object)
    if (global !== undefined) {
      const isGlobal = globalObjects.includes(global)
      const features = isGlobal ? globals(name) : membersOfGlobal(global, name)
      need(features, isGlobal ? name : `${global}.${name}`)
      if (isGlobal || features.some(Boolean)) return
    }
    const extensions = entry(extensionApi, name) || outer?.name === 'storage'
    if (!keys.has(name) && !extensions) need(members.get(name) ?? [], `.${name}`)
  }

  /** `browser.tabs.create`, whatever the bundler calls `browser`. */
  function extension({ object, name: space }: Member, name: string): void {
    const written = `browser.${space}.${name}`
    const first = unrecorded.get(space)
    if (first && (first[oldest.browser] ?? Infinity) > oldest.version) missing.push(written)
    const described = entry(extensionApi, space === 'contextMenus' ? 'menus' : space)
    if (lacks([entry(described, name)], oldest, `${space}.${name}`)) missing.push(written)
    if (memberOf(object)?.name === 'storage')
      need(
        [entry(recordOf('webextensions.api.storage.StorageArea'), name)],
        `browser.storage.${space}.${name}`,
      )
  }

  function regularExpression(pattern: string, flags: string): void {
    const properties = { d: 'hasIndices', v: 'unicodeSets', s: 'dotAll', y: 'sticky', u: 'unicode' }
    for (const [flag, property] of Object.entries(properties))
      if (flags.includes(flag)) need([recordOf(`javascript.builtins.RegExp.${property}`)], `/…/${flag}`)
    if (/\(\?(?=[a-z-])[ims]*-?[ims]*:/.test(pattern))
      need([recordOf('javascript.regular_expressions.modifier')], '(?i:…)')
    if (/\(\?<[=!]/.test(pattern))
      need([recordOf('javascript.regular_expressions.lookbehind_assertion')], '(?<=…)')
    const groups = [...pattern.matchAll(/\(\?<([^=!>]+)>/g)].map(([, group]) => group)
    if (new Set(groups).size < groups.length)
      need(
        [recordOf('javascript.regular_expressions.named_capturing_group.duplicate_named_capturing_groups')],
        '(?<a>…)|(?<a>…)',
      )
  }

  const text = (node: Node | undefined) => (node?.type === 'Literal' ? String(node.value) : '')

  new Visitor({
    Identifier: (node) => globalName(node) && need(globals(node.name), node.name),
    MemberExpression: member,
    VariableDeclaration: ({ kind }) => {
      if (kind === 'using') need([recordOf('javascript.statements.using')], kind)
      if (kind === 'await using') need([recordOf('javascript.statements.await_using')], kind)
    },
    VariableDeclarator: ({ id, init }) => {
      const global = init && globalName(init)
      if (id.type !== 'ObjectPattern' || !global) return
      for (const each of id.properties)
        if (each.type === 'Property' && each.key.type === 'Identifier')
          need(membersOfGlobal(global, each.key.name), `${global}.${each.key.name}`)
    },
    StaticBlock: () => need([recordOf('javascript.classes.static.initialization_blocks')], 'static {…}'),
    PropertyDefinition: ({ key }) => {
      const kind = key.type === 'PrivateIdentifier' ? 'private' : 'public'
      need([recordOf(`javascript.classes.${kind}_class_fields`)], 'class { field }')
    },
    BinaryExpression: ({ left, operator }) => {
      if (operator === 'in' && (left as Node).type === 'PrivateIdentifier')
        need([recordOf('javascript.classes.private_class_fields_in')], '#field in')
    },
    AssignmentExpression: ({ operator }) => {
      if (operator === '??=') need([recordOf('javascript.operators.nullish_coalescing_assignment')], operator)
      if (operator === '||=') need([recordOf('javascript.operators.logical_or_assignment')], operator)
      if (operator === '&&=') need([recordOf('javascript.operators.logical_and_assignment')], operator)
    },
    ImportDeclaration: ({ attributes, phase }) => {
      if (attributes.length > 0)
        need([recordOf('javascript.statements.import.import_attributes')], 'import … with')
      if (phase) missing.push(`import ${phase}`)
    },
    Literal: (node) => {
      if ('regex' in node && node.regex) regularExpression(node.regex.pattern, node.regex.flags)
    },
    NewExpression: ({ callee, arguments: [pattern, flags] }) => {
      if (callee.type === 'Identifier' && callee.name === 'RegExp')
        regularExpression(text(pattern), text(flags))
    },
  }).visit(program)
  return missing
}
