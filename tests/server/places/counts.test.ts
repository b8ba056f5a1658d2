import { expect, test } from 'vitest'
import { sendForm } from '../support/html-pages.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'
import { addPlace, isOver, visitorAt } from './place-on-server.ts'

test('PV6.4 metrics tell what came of visits, looks and messages, and of no place or visitor by name', async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: 'on' } })
  await addPlace(server, { members: await settle(server, ann, ben) })
  const device = await reachableDevice(server, ann)
  const visitor = visitorAt(server)
  await expect.poll(async () => (await visitor.look()).state).toBe('reachable')
  server.clock.standStill()
  const rung = async () => {
    const { call } = await device.next('ring')
    device.send({ type: 'rings', call: call.id })
    return call.id
  }

  const declined = await visitor.visit('Mallory')
  device.send({ type: 'decline', call: await rung() })
  expect((await visitor.until(declined, isOver)).state).toBe('declined')
  const answered = await visitor.visit('Mallory')
  device.send({ type: 'answer', call: await rung() })
  expect((await visitor.until(answered, isOver)).state).toBe('answered')
  // Whoever has just answered is in a call: the next one waits.
  expect((await visitor.visit('Mallory')).visit.state).toBe('queued')
  const message = { name: 'Mallory', wayBack: 'x@home.example', text: 'Hello', key: 'k'.repeat(20) }
  expect((await sendForm(server, '/reach/desk/message', message)).status).toBe(303)

  const read = async () => {
    const headers = { authorization: `Bearer ${server.operatorKey}` }
    return (await fetch(`${server.url}/metrics`, { headers })).text()
  }
  // What is counted as a call ends is so a moment after its visitor has heard of it.
  await expect.poll(read).toContain('reachable_visits_ended_total{outcome="answered"} 1\n')
  const text = await read()
  for (const line of [
    ...['visits_ended_total{outcome="declined"} 1', 'visits_open{state="queued"} 1'],
    ...['visits_open{state="calling"} 0', 'visits_asked_total{answer="visiting"} 3', 'messages_left_total 1'],
  ])
    expect(text).toContain(`\nreachable_${line}\n`)
  expect(text).toMatch(/^reachable_places_looked_at_total\{state="reachable"\} [1-9]/m)
  for (const name of ['Mallory', 'desk', 'Front', '203\\.0'])
    expect(text).not.toMatch(new RegExp(`\\b${name}\\b`))
})
