import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { sendForm } from '../support/html-pages.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'
import { addPlace, visitorAt } from './place-on-server.ts'
import { solved } from './solve-work.ts'

async function place() {
  const server = await startInProcessServer({ env: { TRUST_PROXY: 'on' } })
  await addPlace(server, { members: await settle(server, ann, ben) })
  await reachableDevice(server, ann)
  const visitor = visitorAt(server)
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  server.clock.standStill()
  return { server, visitor }
}

const key = () => randomBytes(16).toString('hex')

test('PV5.4 PV5.1 one address alone has nobody else show work, by calls or by messages', async () => {
  const { server, visitor } = await place()
  const stranger = visitorAt(server, '198.51.100.66')
  const pressed = []
  for (let n = 0; n < 30; n += 1) pressed.push((await stranger.press({ name: 'x', key: key() })).status)
  expect(pressed).toEqual([...Array(6).fill(200), ...Array(24).fill(429)])
  const message = { name: 'x', wayBack: 'x', text: 'x', key: 'k'.repeat(20) }
  const left = []
  for (let n = 0; n < 30; n += 1)
    left.push(
      (await sendForm(server, '/reach/desk/message', { ...message, text: `${n}` }, stranger.from)).status,
    )
  expect(left).toEqual([...Array(3).fill(303), ...Array(27).fill(429)])
  expect((await visitor.call()).kind).toBe('visiting')
})

test('PV5.4 whoever is to show work first has asked for nothing yet, and may once they have', async () => {
  const { server, visitor } = await place()
  for (let n = 0; n < 12; n += 1) await visitorAt(server, `198.51.100.${n}`).press({ name: 'x', key: key() })
  for (let n = 0; n < 10; n += 1) expect((await visitor.call()).kind).toBe('prove')
  const message = { name: 'x', wayBack: 'x', text: 'x', key: 'k'.repeat(20) }
  const leave = (proof = '') => sendForm(server, '/reach/desk/message', { ...message, proof }, visitor.from)
  for (let n = 0; n < 5; n += 1) expect((await leave()).status).toBe(503)
  const asked = await visitor.call()
  if (asked.kind !== 'prove') throw new Error('work is asked for')
  const proof = await solved(asked.challenge)
  expect((await leave(proof)).status).toBe(303)
  const again = await visitor.call()
  if (again.kind !== 'prove') throw new Error('work is asked for')
  expect((await visitor.call('Maria', key(), await solved(again.challenge))).kind).toBe('visiting')
})
