import type { Bidi } from '../../../scripts/browsers/bidi.ts'
import { evaluateIn } from './evaluate.ts'
import { locatorScript } from './locator-script.ts'

/** What looks at a page of Firefox, and uses mouse and keyboard on it. */
export interface PageDriver {
  /** In a sandbox beside the page's own scripts, where `found(selector)` gives elements. Gives what JSON can carry. */
  readonly evaluate: (expression: string) => Promise<unknown>
  /** Acts while the page is in front, where presses and keys go; no other page of the browser comes there meanwhile. */
  readonly inFront: <R>(act: () => Promise<R>) => Promise<R>
  /** Presses the mouse at a point of the viewport. */
  readonly press: (at: { readonly x: number; readonly y: number }, times: number) => Promise<void>
  readonly type: (keys: readonly string[]) => Promise<void>
}

const noScript = 'no locator script'

interface Of {
  readonly bidi: Bidi
  readonly context: string
  /** Acts when every other page of the browser has acted. */
  readonly inTurn: <R>(act: () => Promise<R>) => Promise<R>
  /** Gives the page in front the focus, from wherever in the browser's own window it is. */
  readonly focusPage: () => Promise<unknown>
}

export function pageDriver({ bidi, context, inTurn, focusPage }: Of): PageDriver {
  const realm = { context, sandbox: 'beside' }

  async function evaluate(expression: string): Promise<unknown> {
    const asked = `typeof found === 'undefined' ? ${JSON.stringify(noScript)} : (${expression})`
    const answer = await evaluateIn(bidi, realm, asked)
    if (answer !== noScript) return answer
    await bidi.send('script.evaluate', { expression: locatorScript(), target: realm, awaitPromise: false })
    return await evaluateIn(bidi, realm, expression)
  }

  const hasFocus = () => evaluate('document.visibilityState === "visible" && document.hasFocus()')

  async function raise(): Promise<void> {
    if (await hasFocus()) return
    await bidi.send('browsingContext.activate', { context })
    // The Tab key leads out of a page, to what the browser itself has to be used.
    if (!(await hasFocus())) await focusPage()
  }

  return {
    evaluate,
    inFront: (act) =>
      inTurn(async () => {
        await raise()
        return await act()
      }),
    press: async ({ x, y }, times) => {
      const once = [
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ]
      const move = { type: 'pointerMove', x, y, origin: 'viewport' }
      const actions = [move, ...Array.from({ length: times }, () => once).flat()]
      await bidi.send('input.performActions', {
        context,
        actions: [{ type: 'pointer', id: 'mouse', actions }],
      })
    },
    type: async (keys) => {
      const actions = keys.flatMap((value) => [
        { type: 'keyDown', value },
        { type: 'keyUp', value },
      ])
      await bidi.send('input.performActions', { context, actions: [{ type: 'key', id: 'keys', actions }] })
    },
  }
}
