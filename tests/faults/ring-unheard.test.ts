import { expect, test } from 'vitest'
import { lost, ringing } from '../support/ringing-person.ts'

test('P7.3 an Answer that a hung server does not hear ends in a sentence within 5 s', async () => {
  const { server, shown } = await ringing()
  server.freeze()

  await shown.answer.click()

  await expect
    .poll(() => shown.status.textContent(), { timeout: 5_000, interval: 25 })
    .toMatch(/(server does not answer|Connection lost).*Dr Bell may still be waiting/)
  server.thaw()
})

test('E21.3 P7.1 packets that are lost without a word while it rings leave Answer there for no more than 15 s, and it rings again', async () => {
  const { network, shown } = await ringing()

  network.stall()
  await expect.poll(() => shown.answer.count(), { timeout: 15_000, interval: 50 }).toBe(0)
  await expect.poll(() => shown.status.textContent(), { timeout: 5_000, interval: 25 }).toContain(lost)

  network.restore()
  await shown.answer.waitFor({ timeout: 25_000 })
})
