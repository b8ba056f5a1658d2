import * as v from 'valibot'
import { expect, test } from 'vitest'
import { sentMessage } from '../../../protocol/programs.ts'
import { peopleDevice } from '../people/people-device.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, settle } from '../support/people.ts'
import { programWith } from './program.ts'

async function portal(server: InProcessServer, name = 'Portal') {
  const program = await programWith(server, name, 'messages')
  return {
    ...program,
    send: (to: string, text: string, key?: string) =>
      program.post('/api/messages', { to, text }, key === undefined ? {} : { 'idempotency-key': key }),
  }
}

test('PP2.1 a message of a program is on its person’s devices, in the thread with the clinic, once for each key', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const program = await portal(server)
  const device = await peopleDevice(server, ann, 'device-1')
  device.sync(null)
  await device.lease()
  const first = await program.send('ANN@clinic.example', ' Your visit\n is confirmed. ', 'visit-1')
  expect(first.status).toBe(201)
  const sent = v.parse(sentMessage, await first.json())
  expect(sent).toMatchObject({ to: 'ANN@clinic.example', text: 'Your visit\n is confirmed.' })
  const messages = () =>
    device.account.changes.flatMap((change) => (change.kind === 'message' ? [change.message] : []))
  await expect
    .poll(messages)
    .toEqual([{ id: sent.id, contact: 'clinic', n: 1, from: 'clinic', text: sent.text, at: sent.at }])
  // Sent again, also at one moment, it is the same one.
  const again = await Promise.all(
    Array.from({ length: 5 }, () => program.send('ann', 'Your visit\n is confirmed.', 'visit-1')),
  )
  expect(again.map(({ status }) => status)).toEqual(Array(5).fill(200))
  for (const response of again) expect(await response.json()).toMatchObject({ id: sent.id, at: sent.at })
  const many = await Promise.all(Array.from({ length: 5 }, () => program.send('ann', 'Once', 'visit-2')))
  expect(many.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 201])
  // Another's key is another's.
  const other = await portal(server, 'Other')
  expect((await other.send('ann', 'Twice', 'visit-1')).status).toBe(201)
  await program.send('ann', 'No key')
  await program.send('ann', 'No key')
  await expect
    .poll(() => messages().map(({ text }) => text))
    .toEqual(['Your visit\n is confirmed.', 'Once', 'Twice', 'No key', 'No key'])
})

test('PP2.1 a key with another person or text is refused, as is what is no message, and nothing is kept', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const { send, post } = await portal(server)
  expect((await send('ann', 'Hello', 'k')).status).toBe(201)
  for (const response of [await send('ann', 'Other', 'k'), await send('ben.b-1', 'Hello', 'k')])
    expect([response.status, await response.json()]).toMatchObject([422, { error: 'idempotency-key-reused' }])
  const wrong: [unknown, number][] = [
    [{ to: 'ann' }, 400],
    [{ to: 'ann', text: '  ' }, 400],
    [{ to: 'ann', text: 'x'.repeat(4_001) }, 400],
    [{ to: '', text: 'x' }, 400],
    [{ to: 'zoe', text: 'x' }, 404],
    [{ to: 'ann', text: 'x'.repeat(20_000) }, 413],
    ['nonsense', 400],
  ]
  for (const [body, status] of wrong)
    expect([body, (await post('/api/messages', body)).status]).toEqual([body, status])
  expect((await send('ann', 'x', 'k'.repeat(256))).status).toBe(400)
  const db = await server.db()
  expect(await db.selectFrom('message').select('text').execute()).toEqual([{ text: 'Hello' }])
})

test('PP2.1 too many to one person are refused with how long to wait; what is sent again never is', async () => {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  server.clock.standStill()
  const { send } = await portal(server)
  for (let n = 0; n < 12; n += 1) expect((await send('ann', `${n}`, `k${n}`)).status).toBe(201)
  const late = await send('ann', 'one more', 'k12')
  expect([late.status, late.headers.get('retry-after')]).toEqual([429, '5'])
  expect((await send('ann', '3', 'k3')).status).toBe(200)
  expect((await send('ben.b-1', 'x', 'b')).status).toBe(201)
  server.clock.advance(5_000)
  expect((await send('ann', 'one more', 'k12')).status).toBe(201)
})
