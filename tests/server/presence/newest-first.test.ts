import { expect, test } from 'vitest'
import { createNewestFirst } from '../../../server/presence/newest-first.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { addPeople, ann, sessionOf } from '../support/people.ts'
import { connectDevice, openConnection, sendHello } from '../support/websocket-device.ts'

const always = () => true

test('R4.7 so many at once are dealt with, and then of those that wait whoever came last; one that fails is no other’s end', async () => {
  const inTurn = createNewestFirst(2)
  const begun: number[] = []
  const ends: (() => void)[] = []
  const work = (n: number) =>
    inTurn(async () => {
      begun.push(n)
      await new Promise<void>((resolve) => ends.push(resolve))
      if (n === 1) throw new Error('of its own')
      return n
    }, always)
  const all = [1, 2, 3, 4, 5].map(work)
  const settled = Promise.allSettled(all)
  await Promise.resolve()
  expect(begun).toEqual([1, 2])
  for (let n = 0; n < 5; n += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    ends[n]?.()
  }
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', ...Array(4).fill('fulfilled')])
  expect(begun).toEqual([1, 2, 5, 4, 3])
  // Nobody has kept a turn.
  const again = [6, 7, 8].map(work)
  await Promise.resolve()
  expect(begun.slice(5)).toEqual([6, 7])
  ends[5]?.()
  ends[6]?.()
  await new Promise((resolve) => setImmediate(resolve))
  ends[7]?.()
  expect(await Promise.all(again)).toEqual([6, 7, 8])
})

test('R4.7 whoever gave up is let go of, though newer ones come on and on', async () => {
  const inTurn = createNewestFirst(1)
  let end = () => {}
  const first = inTurn(() => new Promise<void>((resolve) => (end = resolve)), always)
  let over = 0
  let done = 0
  const gaveUp = Array.from({ length: 2_000 }, () =>
    inTurn(
      async () => (done += 1),
      () => false,
    ).then((result) => {
      if (result === undefined) over += 1
    }),
  )
  const stays = inTurn(async () => 'served', always)
  await new Promise((resolve) => setImmediate(resolve))
  // Nobody's turn has come, and those are not kept until then.
  expect([over > 1_700, done]).toEqual([true, 0])
  end()
  await Promise.all([first, ...gaveUp])
  expect([await stays, over, done]).toEqual(['served', 2_000, 0])
})

test('R4.7 in a crowd of hellos, of which many give up, every device that stays is welcomed', async () => {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const token = await sessionOf(server, ann, 'device-1')
  const strangers = await Promise.all(Array.from({ length: 150 }, () => openConnection(server.url)))
  const said = strangers.map((connection, n) =>
    sendHello(connection, server.url, { token: `made-up-${n}`, device: `device-${n}` }),
  )
  await Promise.all(said)
  for (const stranger of strangers.slice(0, 100)) stranger.close()
  const device = await connectDevice(server.url, token, 'device-1')
  await device.lease()
  for (const stranger of strangers.slice(100)) expect(await stranger.closed()).toMatchObject({ code: 4401 })
})
