import { entry, type Feature, lacks, type Oldest, recordOf } from './browser-record.ts'

const [atRules, selectors, properties, types] = ['at-rules', 'selectors', 'properties', 'types'].map((part) =>
  recordOf(`css.${part}`),
)

/** What a style sheet uses that `oldest` does not have: rules, selectors, properties, their words, functions. */
export function missingInStyle(sheet: string, oldest: Oldest): readonly string[] {
  const missing = new Set<string>()
  const need = (feature: Feature, written: string) => {
    if (lacks([feature], oldest)) missing.add(written)
  }
  const plain = sheet.replace(/\/\*[\s\S]*?\*\//g, '').replace(/"[^"]*"|'[^']*'|url\([^)]*\)/g, '""')
  for (const [, text = '', end] of plain.matchAll(/([^{};]*)([{};])/g)) {
    const rule = text.trim()
    const [, atRule] = rule.match(/^@([\w-]+)/) ?? []
    if (atRule) need(entry(atRules, atRule), `@${atRule}`)
    else if (end === '{') {
      for (const [written, name = ''] of rule.matchAll(/::?([\w-]+)/g)) need(entry(selectors, name), written)
      if (rule.includes('&')) need(recordOf('css.selectors.nesting'), '&')
    } else declaration(rule)
  }

  function declaration(rule: string): void {
    const [, property, value = ''] = rule.match(/^([\w-]+)\s*:(.*)$/s) ?? []
    if (!property) return
    const described = entry(properties, property)
    need(described, property)
    for (const [word] of value.matchAll(/(?<![\w.#-])[a-z][\w-]*/g))
      need(entry(described, word), `${property}: ${word}`)
    for (const [, name = ''] of value.matchAll(/(?<![\w-])([a-z][\w-]*)\(/g))
      need(entry(types, name) ?? entry(recordOf('css.types.color'), name), `${name}()`)
  }

  return [...missing]
}
