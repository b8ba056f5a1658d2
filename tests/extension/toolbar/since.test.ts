import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBadgeRenderer } from '../../../entrypoints/background/toolbar/badge-renderer.ts'
import type { State } from '../../../messages/state.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(2026, 10, 22, 17, 5) })
  vi.stubGlobal('navigator', { language: 'en-GB', languages: ['en-GB'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('G1.8 G3.6 since when it is off has its day in the tooltip, which no worker draws anew at midnight', () => {
  const since = new Date(2026, 10, 22, 17, 3).getTime()
  const state = {
    reachability: { kind: 'unreachable', why: 'session-ended', since },
    calls: [],
    furtherCalls: 0,
    people: null,
  }
  let title = ''
  const toolbar = {
    show: (view: { readonly title: string }) => {
      title = view.title
    },
  }
  createBadgeRenderer(toolbar, () => state as unknown as State).draw()
  expect(title).toBe('Calls cannot reach you: your session ended. Since 22 Nov 17:03. Click to log in again.')
})
