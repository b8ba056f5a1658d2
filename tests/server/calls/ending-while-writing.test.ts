import { expect, test } from 'vitest'
import { ownedCalls } from './owned-calls.ts'

/** A call that rings, and the write of its next change, which waits to fail. */
async function ringingBehindAWrite() {
  let next: { readonly reached: () => void; readonly failed: Promise<void> } | undefined
  const device = await ownedCalls(async (write) => {
    const under = next
    next = undefined
    under?.reached()
    await under?.failed
    return write()
  })
  const placed = await device.place()
  if (placed.kind !== 'placed') throw new Error('it rings')
  const { id } = placed.row
  const [reached, failing] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  next = { reached: reached.resolve, failed: failing.promise }
  device.report({ kind: 'lost', connection: 'one' })
  await reached.promise
  return { ...device, id, fail: () => failing.reject(new Error('no write now')) }
}

test.each(['cancel', 'answer', 'decline'] as const)(
  'P5.2 P5.1 %s is judged by its own write, though that of a change before it fails',
  async (act) => {
    const { owner, id, fail } = await ringingBehindAWrite()
    const acting =
      act === 'cancel'
        ? owner.cancel(id)
        : owner[act]({ userId: 'ann', device: 'desk', connection: 'one' }, id)
    fail()
    expect(await acting).toBe(act === 'cancel' ? true : undefined)
    const state = { cancel: 'cancelled', answer: 'answered', decline: 'declined' }[act]
    expect(await owner.get(id)).toMatchObject({ state })
  },
)
