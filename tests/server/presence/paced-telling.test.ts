import fc from 'fast-check'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createPacedTelling } from '../../../server/presence/paced-telling.ts'
import { callerOf } from '../support/api-client.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, sessionOf, settle } from '../support/people.ts'
import { connectDevice, reachableDevice } from '../support/websocket-device.ts'

const nobody: string | undefined = undefined

/** Ann's list, of which it is written down when it was told, to all but whom. */
function annsList() {
  const told: { at: number; except: string | undefined }[] = []
  let [now, fails] = [1_000_000, false]
  const list = createPacedTelling({
    clock: { monotonic: () => now, wall: () => now },
    log: pino({ level: 'silent' }),
    tell: async (_, except) => {
      if (fails) throw new Error('nothing can be read')
      told.push({ at: now - 1_000_000, except })
    },
  })
  return {
    list,
    told,
    /** Lets time pass, with the ticks of a server. */
    async wait(ms: number) {
      for (const until = now + ms; now < until; now += 100) {
        list.tick()
        await Promise.resolve()
      }
    },
    fail(failing: boolean) {
      fails = failing
    },
  }
}

test('C4.4 a change is told at once, and what changes within a second after that together', async () => {
  const { list, told, wait } = annsList()
  list.changed('ann')
  expect(told).toEqual([{ at: 0, except: nobody }])
  for (let n = 0; n < 5; n += 1) {
    await wait(100)
    list.changed('ann')
  }
  list.changed('ben')
  expect(told).toHaveLength(2)
  await wait(5_000)
  expect(told).toEqual([0, 500, 1_000].map((at) => ({ at, except: nobody })))
})

test('C4.4 a connection that was answered is told only of what others changed', async () => {
  const { list, told, wait } = annsList()
  list.changed('ann', 'one')
  list.changed('ann', 'one')
  list.changed('ann', 'one')
  await wait(1_100)
  expect(told.map(({ except }) => except)).toEqual(['one', 'one'])
  for (const others of ['two', undefined]) {
    list.changed('ann', 'one')
    list.changed('ann', others)
    list.changed('ann', 'one')
    await wait(1_100)
    expect(told.at(-1)?.except).toBe(undefined)
  }
})

test('C4.4 what could not be told is told later, and what waits when the server stops at once', async () => {
  const { list, told, wait, fail } = annsList()
  fail(true)
  list.changed('ann', 'one')
  await wait(1_500)
  expect(told).toEqual([])
  fail(false)
  await wait(1_000)
  expect(told).toEqual([{ at: 2_000, except: nobody }])
  list.changed('ann')
  await list.flush()
  expect(told).toHaveLength(2)
  await wait(2_000)
  expect(told).toHaveLength(2)
})

test('C4.4 of any changes the last is told within a second, and no two of these come closer', async () => {
  const changes = fc.array(fc.record({ after: fc.nat(30), by: fc.constantFrom(undefined, 'one', 'two') }))
  await fc.assert(
    fc.asyncProperty(changes, async (given) => {
      const { list, told, wait } = annsList()
      let passed = 0
      for (const { after, by } of given) {
        await wait(after * 100)
        passed += after * 100
        list.changed('ann', by)
      }
      await wait(1_100)
      const ats = told.map(({ at }) => at)
      if (given.length > 0) expect(ats.at(-1)).toBeGreaterThanOrEqual(passed)
      for (const [n, at] of ats.entries())
        if (n > 0) expect(at - (ats[n - 1] ?? 0)).toBeGreaterThanOrEqual(1_000)
    }),
  )
})

test('C4.4 who marks too fast is not answered until they are slower, and keeps no other from marking', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const { id } = await callerOf(server).place('ann')
  const { id: his } = await callerOf(server).place(ben.username)
  const devices = await Promise.all(
    ['one', 'two', 'three'].map(async (device) =>
      connectDevice(server.url, await sessionOf(server, ann, device), device),
    ),
  )
  const stranger = await reachableDevice(server, ben, 'four')
  const began = performance.now()
  // None of them says too much by itself.
  for (let n = 0; n < 25; n += 1)
    for (const device of devices) device.send({ type: n % 2 === 0 ? 'seen' : 'unseen', calls: [id], n })
  for (const device of devices) await device.lease()
  const answers = devices.flatMap(({ received }) =>
    received.filter((message) => message.type === 'missed' && message.n !== undefined),
  )
  const since = Math.ceil((performance.now() - began) / 1_000)
  expect(answers.length).toBeGreaterThanOrEqual(60)
  expect(answers.length).toBeLessThanOrEqual(Math.min(74, 60 + 2 * since))
  stranger.send({ type: 'seen', calls: [his], n: 1 })
  expect(await stranger.next('missed')).toEqual({ type: 'missed', missed: [], n: 1 })
  // What got no answer is said again.
  server.clock.advance(10_000)
  for (const [n, type] of (['unseen', 'seen'] as const).entries())
    for (const device of devices) device.send({ type, calls: [id], n: 100 + n })
  for (const { received } of devices)
    await expect
      .poll(() => received.findLast((message) => message.type === 'missed' && message.n === 101))
      .toMatchObject({ missed: [] })
})
