import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, test, vi } from 'vitest'
import { inRoot } from '../../../scripts/root.ts'

afterEach(() => void vi.useRealTimers())

const second = 1_000

/** The lines that EMBEDDING.md has for a page of one's own, at a server that answers as `answer` says. */
function example() {
  vi.useFakeTimers({ now: 1_000 })
  const [, code = ''] = /```js\n(.+?)```/s.exec(readFileSync(inRoot('docs', 'EMBEDDING.md'), 'utf8')) ?? []
  const shown: string[] = []
  const server = {
    answer: async (): Promise<unknown> => ({ ok: true, json: async () => reachable }),
  }
  const { performance, setTimeout, clearTimeout } = globalThis
  const show = (state: string) => void shown.push(state)
  runInNewContext(code, {
    ...{ show, performance, setTimeout, clearTimeout, AbortSignal, Error },
    fetch: () => server.answer(),
  })
  return { shown, server, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) }
}

const reachable = { state: 'reachable', validFor: 9 * second }

test('PV6.3 PV1.2 the example for one’s own page shows what is so for as long as it is, and goes on to ask', async () => {
  const { shown, server, pass } = example()
  await pass(30 * second)
  expect(new Set(shown)).toEqual(new Set(['reachable']))
  server.answer = () => Promise.reject(new TypeError('there is no network'))
  await pass(8.9 * second)
  expect(shown.at(-1)).toBe('unknown')
  server.answer = async () => ({ ok: false, status: 404, json: async () => ({ error: 'not-found' }) })
  await pass(30 * second)
  expect(shown.at(-1)).toBe('unknown')
  server.answer = async () => ({ ok: true, json: async () => reachable })
  await pass(4 * second)
  expect(shown.at(-1)).toBe('reachable')
  expect(shown).not.toContain(undefined)
})

test('PV6.3 PV1.2 an answer that comes when it is over shows nothing of it', async () => {
  const { shown, server, pass } = example()
  await pass(0)
  const late = { ok: true, json: async () => ({ state: 'busy', validFor: 2 * second }) }
  server.answer = () =>
    new Promise((answer) => {
      setTimeout(() => answer(late), 3 * second)
    })
  await pass(30 * second)
  expect(shown).not.toContain('busy')
  expect(shown.at(-1)).toBe('unknown')
})
