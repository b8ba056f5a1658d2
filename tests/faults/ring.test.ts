import { expect, test } from 'vitest'
import { lost, ringing } from '../support/ringing-person.ts'

test('E21.1 P7.1 a server killed while it rings leaves no Answer: the window says who may still be waiting, and then what is known', async () => {
  const { server, device, shown } = await ringing()

  await server.kill()
  await expect.poll(() => shown.status.textContent(), { timeout: 1_000, interval: 25 }).toContain(lost)
  expect(await shown.answer.count()).toBe(0)
  await expect.poll(() => device.toolbar.light(), { timeout: 1_000, interval: 25 }).not.toContain('ringing')

  await server.restart()
  await expect.poll(() => shown.status.textContent(), { timeout: 40_000 }).toContain('Missed')
  await expect.poll(() => device.callWindowCount()).toBe(0)
})

test('E21.4 P7.4 P7.5 Answer pressed as the worker dies is said by the next worker, and the room opens once', async () => {
  const { network, device, shown, clinic, id } = await ringing()

  await device.toolbar.killWorker()
  await shown.answer.click()

  await expect.poll(async () => (await clinic.get(id)).state, { timeout: 40_000 }).toBe('answered')
  const { room } = await clinic.get(id)
  // A page that was let in has no ticket in its address any more.
  const rooms = () => device.countPagesAt(String(room).split('#')[0] ?? '')
  await expect.poll(rooms).toBe(1)
  await expect.poll(() => device.callWindowCount()).toBe(0)
  const { opened } = network.connections()
  await device.toolbar.killWorker()
  await expect.poll(() => network.connections().opened, { timeout: 40_000 }).toBeGreaterThan(opened)
  expect(await rooms()).toBe(1)
})

test('E21.4 P7.1 a call that rings when the worker dies is taken up by the next one', async () => {
  const { network, device, shown } = await ringing()
  const { opened } = network.connections()

  await device.toolbar.killWorker()
  await expect.poll(() => network.connections().opened, { timeout: 40_000 }).toBeGreaterThan(opened)

  await shown.answer.waitFor()
  await expect.poll(() => device.toolbar.light()).toBe('ringing')
  expect(await device.callWindowCount()).toBe(1)
})
