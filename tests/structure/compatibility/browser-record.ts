import record, { type CompatStatement, type Identifier } from '@mdn/browser-compat-data/forLegacyNode'

/** The oldest browser that something has to work in, by its major version. */
export interface Oldest {
  readonly browser: 'chrome' | 'firefox'
  readonly version: number
}

/** Something that MDN's record describes, or nothing. */
export type Feature = Identifier | undefined

/** Had in every version from the oldest on, with no flag to set. */
function has(
  statement: CompatStatement | undefined,
  { browser, version }: Oldest,
  name: string | undefined,
): boolean {
  const support = statement?.support[browser]
  if (support === undefined) return true
  return [support].flat().some((one) => {
    if (one.flags || one.prefix || one.version_removed || typeof one.version_added !== 'string') return false
    if (one.alternative_name && one.alternative_name !== name) return false
    return Number.parseFloat(one.version_added.replace('≤', '')) <= version
  })
}

/**
 * Whether each thing on record under a name is missing; what is on no record counts as there.
 *
 * @param name how it is written, where a browser has it under another name than the record's.
 */
export function lacks(features: readonly Feature[], oldest: Oldest, name?: string): boolean {
  const known = features.filter((feature) => feature?.__compat)
  return known.length > 0 && known.every((feature) => !has(feature?.__compat, oldest, name))
}

/** One entry of a part of the record, never one that JavaScript's own objects have. */
export function entry(of: Feature, name: string): Feature {
  return of && name !== '__compat' && Object.hasOwn(of, name) ? (of[name] as Identifier) : undefined
}

/**
 * A part of MDN's record, by its path: `javascript.statements.using`. https://github.com/mdn/browser-compat-data
 *
 * @throws when there is none, since a path that leads nowhere would find nothing missing.
 */
export function recordOf(path: string): Identifier {
  const found = path.split('.').reduce(entry, record as unknown as Feature)
  if (!found) throw new Error(`MDN's record has no ${path}`)
  return found
}

const api = recordOf('api')
const builtins = recordOf('javascript.builtins')

/** Every method and property of an instance, by its name: of whose instance cannot be told from a script. */
export const members: ReadonlyMap<string, readonly Feature[]> = (() => {
  const found = new Map<string, Feature[]>()
  for (const types of [api, builtins])
    for (const type of Object.keys(types))
      for (const name of Object.keys(entry(types, type) ?? {}))
        found.set(name, [...(found.get(name) ?? []), entry(entry(types, type), name)])
  return found
})()

export const globals = (name: string): readonly Feature[] =>
  [api, builtins, entry(api, 'Window'), entry(api, 'WorkerGlobalScope')].map((scope) => entry(scope, name))

const instances: ReadonlyMap<string, string> = new Map([
  ['crypto', 'Crypto'],
  ['document', 'Document'],
  ['history', 'History'],
  ['location', 'Location'],
  ['navigator', 'Navigator'],
  ['performance', 'Performance'],
])

/** `Promise.try`, `URL.parse`, `navigator.locks`. */
export function membersOfGlobal(object: string, member: string): readonly Feature[] {
  const type = instances.get(object) ?? object
  return [
    entry(entry(builtins, type), member),
    entry(entry(api, type), `${member}_static`),
    entry(entry(api, type), member),
  ]
}

/** What the record does not have since only one browser has it, with its first version. */
export const unrecorded: ReadonlyMap<string, Partial<Record<Oldest['browser'], number>>> = new Map([
  // https://developer.chrome.com/docs/extensions/reference/api/offscreen
  ['offscreen', { chrome: 109 }],
])
