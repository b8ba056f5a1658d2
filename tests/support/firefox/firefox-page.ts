import { vi } from 'vitest'
import type { Bidi } from '../../../scripts/browsers/bidi.ts'

interface Found {
  readonly nodes: readonly { readonly sharedId: string }[]
}

interface Evaluated {
  readonly type: 'success' | 'exception'
  readonly result?: { readonly value?: unknown }
  readonly exceptionDetails?: { readonly text: string }
}

/** Runs an expression in a browsing context; strings, numbers and booleans come back. */
export async function evaluateIn(bidi: Bidi, context: string, expression: string): Promise<unknown> {
  const answer = (await bidi.send('script.evaluate', {
    expression,
    target: { context },
    awaitPromise: true,
  })) as unknown as Evaluated
  if (answer.type === 'exception') throw new Error(answer.exceptionDetails?.text ?? expression)
  return answer.result?.value
}

/** A page of the extension in Firefox, used by accessible names only. */
export function firefoxPage(bidi: Bidi, context: string) {
  async function find(name: string, role?: string): Promise<string | undefined> {
    const found = (await bidi.send('browsingContext.locateNodes', {
      context,
      locator: { type: 'accessibility', value: role ? { name, role } : { name } },
    })) as unknown as Found
    return found.nodes[0]?.sharedId
  }

  async function click(name: string, role?: string): Promise<void> {
    const sharedId = await vi.waitFor(
      async () => (await find(name, role)) ?? Promise.reject(new Error(`There is nothing named "${name}"`)),
      { timeout: 10_000 },
    )
    const origin = { type: 'element', element: { sharedId } }
    await bidi.send('input.performActions', {
      context,
      actions: [
        {
          type: 'pointer',
          id: 'mouse',
          actions: [
            { type: 'pointerMove', x: 0, y: 0, origin },
            { type: 'pointerDown', button: 0 },
            { type: 'pointerUp', button: 0 },
          ],
        },
      ],
    })
  }

  async function type(text: string): Promise<void> {
    const actions = [...text].flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ])
    await bidi.send('input.performActions', { context, actions: [{ type: 'key', id: 'keys', actions }] })
  }

  return {
    has: async (name: string, role?: string) => (await find(name, role)) !== undefined,
    click,
    /** Replaces what stands in a field by typing over it. */
    fill: async (name: string, text: string): Promise<void> => {
      await click(name)
      await evaluateIn(bidi, context, 'document.activeElement.select()')
      await type(text)
    },
    text: async () => String(await evaluateIn(bidi, context, 'document.body.innerText')),
    close: () => bidi.send('browsingContext.close', { context }),
  }
}

export type FirefoxPage = ReturnType<typeof firefoxPage>
