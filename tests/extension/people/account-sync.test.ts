import { expect, onTestFinished, test, vi } from 'vitest'
import type { AccountStore, Applied } from '../../../entrypoints/background/people/account-store.ts'
import { createAccountSync } from '../../../entrypoints/background/people/account-sync.ts'

test('PX1.5 a worker in which taking in an event fails takes in the next one', async () => {
  const noted = vi.spyOn(console, 'error').mockReturnValue()
  onTestFinished(() => noted.mockRestore())
  const taken: (number | null)[] = []
  const applyEvents: AccountStore['applyEvents'] = async (events) => ({
    ...{ gap: false, cursor: events.at(-1)?.seq ?? null, changes: [], threads: [], arrived: [] },
  })
  const sync = createAccountSync({
    store: { applyEvents } as AccountStore,
    loaded: Promise.resolve(0),
    send: () => {},
    after: () => () => {},
    kept: () => {},
    caughtUp: () => {},
    applied: ({ cursor }: Applied) => {
      if (cursor === 1) throw new Error('whatever it was')
      taken.push(cursor)
    },
  })
  for (const seq of [1, 2])
    sync.heard(1, { type: 'events', events: [{ seq, change: { kind: 'calls' } }], until: seq })
  await vi.waitFor(() => expect(taken).toEqual([2]))
  expect(noted).toHaveBeenCalledOnce()
})
