import { type CallExpression, type Expression, Visitor } from 'oxc-parser'
import { type SourceFile, sourceFiles } from './source-file.ts'

export interface TestTitle {
  readonly path: string
  readonly title: string
  /** The rules that the title cites, at its beginning. */
  readonly rules: readonly string[]
}

const callsTest = (callee: Expression): boolean => {
  if (callee.type === 'Identifier') return callee.name === 'test' || callee.name === 'it'
  // test.concurrent(title, …)
  if (callee.type === 'MemberExpression' && callee.property.type === 'Identifier')
    return callee.property.name === 'concurrent' && callsTest(callee.object as Expression)
  // test.each(table)(title, …), test.runIf(condition)(title, …)
  if (callee.type === 'CallExpression')
    return callee.callee.type === 'MemberExpression' && callsTest(callee.callee.object as Expression)
  return false
}

function titleOf({ callee, arguments: [first] }: CallExpression): string | undefined {
  if (!callsTest(callee)) return undefined
  if (first?.type === 'Literal' && typeof first.value === 'string') return first.value
  if (first?.type === 'TemplateLiteral') return first.quasis.map((quasi) => quasi.value.raw).join('…')
  return undefined
}

/** The identifiers at a title's beginning: `T1.2 T3 a lease …` cites T1.2 and T3. */
function rulesOf(title: string): readonly string[] {
  const words = title.split(/[\s,:]+/)
  const end = words.findIndex((word) => !/^[A-Z]{1,2}\d+(\.\d+)*$/.test(word))
  return words.slice(0, end < 0 ? words.length : end)
}

/** What `npm test` is made of. What measures, proves for long or takes pictures is written like it, and is no part of it. */
export const testFiles = (): readonly SourceFile[] =>
  sourceFiles().filter(({ path }) =>
    /^tests\/(?!bench|pictures|prove|simulate|soak)|^tests\/.*\.test\.ts$/.test(path),
  )

export function testTitles(): readonly TestTitle[] {
  return testFiles().flatMap((file) => {
    const titles: TestTitle[] = []
    new Visitor({
      CallExpression(call) {
        const title = titleOf(call)
        if (title !== undefined) titles.push({ path: file.path, title, rules: rulesOf(title) })
      },
    }).visit(file.program)
    return titles
  })
}
