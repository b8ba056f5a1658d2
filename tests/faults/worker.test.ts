import { expect, test } from 'vitest'
import { reachablePerson } from '../support/reachable-person.ts'
import { openCallClient } from '../support/server/call-client.ts'

const alarmFloor = 31_000

test('E9.1 a killed worker is back within 31 s, the badge is true again, and the gap is told', async () => {
  const { server, network, person, device } = await reachablePerson()
  const clinic = await openCallClient(server)

  await device.toolbar.killWorker()
  await expect.poll(() => network.connections().open).toBe(0)
  expect((await clinic.call(person.username)).disposition).toBe('unreachable')

  await expect.poll(() => network.connections().open, { timeout: alarmFloor, interval: 50 }).toBe(1)
  await expect.poll(() => device.toolbar.badge()).toBe('1')
  const popup = await device.openPopup()
  await popup.page
    .getByText(/^Unreachable \d\d?:\d\d(\s[AP]M)?–\d\d?:\d\d(\s[AP]M)?; 1 call missed$/)
    .waitFor()
  expect((await clinic.call(person.username)).disposition).toBe('ringing')
})

test('E9.1 G3.1 G3.5 a badge that a dead worker left green does not outlive the next alarm, when the server is gone too, and the person is told', async () => {
  const { server, device } = await reachablePerson()

  await device.toolbar.killWorker()
  await expect.poll(() => device.toolbar.workerRuns()).toBe(false)
  await server.kill()

  await expect
    .poll(() => device.toolbar.light(), { timeout: alarmFloor, interval: 50 })
    .not.toContain('green')
  // No rule names a bound: a busy machine counts less of the time that passes.
  await expect.poll(() => device.toolbar.lightNotice(), { timeout: 90_000 }).toBe(true)
})
