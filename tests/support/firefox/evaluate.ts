import type { Bidi } from '../../../scripts/browsers/bidi.ts'

interface Evaluated {
  readonly type: 'success' | 'exception'
  readonly result?: { readonly value?: unknown }
  readonly exceptionDetails?: { readonly text: string }
}

export interface Realm {
  readonly context: string
  /** Beside the page's own scripts, with the same document and other globals. */
  readonly sandbox?: string
}

/** @returns the result itself where JSON can carry it, else undefined. */
export async function evaluateIn(bidi: Bidi, target: Realm, expression: string): Promise<unknown> {
  const answer = (await bidi.send('script.evaluate', {
    expression: `(async () => JSON.stringify(await (${expression})))()`,
    target,
    awaitPromise: true,
  })) as unknown as Evaluated
  if (answer.type === 'exception') throw new Error(answer.exceptionDetails?.text ?? expression)
  const carried = answer.result?.value
  return carried === undefined ? undefined : JSON.parse(String(carried))
}
