import { expect, test } from 'vitest'
import { readStatus } from '../../../server/people/status-rows.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, idOf, settle } from '../support/people.ts'
import { peopleDevice } from './people-device.ts'

const hour = 3_600_000
const day = 24 * hour

test('PS1.1 PE1.3 a status that is chosen on one device is that of all within a second, and chosen again no event', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const [desk, home] = [await peopleDevice(server, ann, 'desk'), await peopleDevice(server, ann, 'home')]
  desk.sync(null)
  home.sync(null)
  await expect
    .poll(() => [desk.account.status, home.account.status])
    .toEqual([
      { status: 'available', until: null, revision: 0 },
      { status: 'available', until: null, revision: 0 },
    ])
  const until = server.clock.wall() + hour
  const began = performance.now()
  expect(await desk.request({ what: 'set-status', status: 'busy', until })).toMatchObject({
    type: 'done',
    result: { what: 'done' },
  })
  await expect.poll(() => home.account.status).toEqual({ status: 'busy', until, revision: 1 })
  expect(performance.now() - began).toBeLessThan(1_000)
  await expect.poll(() => desk.account.status).toEqual({ status: 'busy', until, revision: 1 })
  // As a device does that did not hear the answer.
  for (const device of [desk, home])
    expect((await device.request({ what: 'set-status', status: 'busy', until })).type).toBe('done')
  expect((await home.request({ what: 'set-status', status: 'invisible', until: null })).type).toBe('done')
  await expect.poll(() => desk.account.status).toEqual({ status: 'invisible', until: null, revision: 2 })
  expect(desk.account.cursor).toBe(2)
})

test('PS1.2 busy has an end within seven days, and past it is available, though nothing was written', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  server.clock.standStill()
  const device = await peopleDevice(server, ann, 'desk')
  const now = server.clock.wall()
  // Sooner than a lease: a connection that says nothing for a minute is cut.
  const soon = 20_000
  const choose = (status: 'busy' | 'away', until: number | null) =>
    device.request({ what: 'set-status', status, until })
  const answers = [
    await choose('busy', null),
    await choose('busy', now),
    await choose('busy', now + 7 * day + 1),
    await choose('away', now + hour),
  ]
  expect(answers).toMatchObject(answers.map(() => ({ type: 'refused', why: 'bad-request' })))
  const db = await server.db()
  const id = await idOf(server, ann.email)
  expect(await readStatus(db, id, now)).toEqual({ status: 'available', until: null, revision: 0 })
  expect((await choose('busy', now + 7 * day)).type).toBe('done')
  expect((await choose('busy', now + soon)).type).toBe('done')
  expect(await readStatus(db, id, now + soon - 1)).toMatchObject({ status: 'busy', until: now + soon })
  expect(await readStatus(db, id, now + soon)).toEqual({ status: 'available', until: null, revision: 2 })
  server.clock.advance(soon)
  device.sync(null)
  await expect.poll(() => device.account.status).toEqual({ status: 'available', until: null, revision: 2 })
  // Nobody wrote that, and so it is no event.
  expect(device.account.cursor).toBe(2)
})
