import { expect, test } from 'vitest'
import { reachablePerson } from '../support/reachable-person.ts'

test('E7.1 a killed server turns the badge off within 1 s, and a restarted one turns it green again by itself', async () => {
  const { server, device } = await reachablePerson()

  await server.kill()
  await expect.poll(() => device.toolbar.light(), { timeout: 1_000, interval: 25 }).not.toContain('green')

  await server.restart()
  await expect.poll(() => device.toolbar.light(), { timeout: 40_000 }).toBe('green')
})

test('E7.2 a server that hangs is green for no more than 15 s, and green again once it goes on', async () => {
  const { server, device } = await reachablePerson()

  server.freeze()
  await expect.poll(() => device.toolbar.light(), { timeout: 15_000, interval: 50 }).not.toContain('green')

  server.thaw()
  await expect.poll(() => device.toolbar.light(), { timeout: 40_000 }).toBe('green')
})

test('E7.1 a server that stops in good order turns the badge off within 1 s', async () => {
  const { server, device } = await reachablePerson()

  const stopping = server.stop()
  await expect.poll(() => device.toolbar.light(), { timeout: 1_000, interval: 25 }).not.toContain('green')

  await stopping
})
