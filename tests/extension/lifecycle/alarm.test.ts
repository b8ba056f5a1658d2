import { beforeEach, expect, test } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { armAlarm, disarmAlarm } from '../../../entrypoints/background/lifecycle/alarm.ts'

beforeEach(() => fakeBrowser.reset())

test('X1.3 the alarm that wakes the worker comes every 30 s, the shortest that browsers allow', async () => {
  await armAlarm()
  const armed = await fakeBrowser.alarms.getAll()
  expect(armed).toMatchObject([{ periodInMinutes: 0.5 }])
})

test('X1.3 arming an armed alarm does not put it off', async () => {
  await armAlarm()
  const [first] = await fakeBrowser.alarms.getAll()
  await armAlarm()
  expect(await fakeBrowser.alarms.getAll()).toEqual([first])
})

test('X1.3 arming and disarming take turns, so that what was asked last holds', async () => {
  await Promise.all([armAlarm(), disarmAlarm(), armAlarm()])
  expect(await fakeBrowser.alarms.getAll()).toHaveLength(1)
  await Promise.all([disarmAlarm(), armAlarm(), disarmAlarm()])
  expect(await fakeBrowser.alarms.getAll()).toEqual([])
})
