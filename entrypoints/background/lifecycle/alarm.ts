import { browser } from '../../../platform/browser.ts'
import { alarmEvery } from '../../../protocol/timing.ts'
import { createSerialQueue } from '../serial-queue.ts'

const name = 'wake'

/** In the order they were asked for, so that what was asked last holds. */
const enqueue = createSerialQueue()

/** Makes sure that the worker is woken at the browser's shortest interval; an update clears alarms. */
export const armAlarm = (): Promise<void> =>
  enqueue(async () => {
    const armed = await browser.alarms.get(name)
    if (!armed) await browser.alarms.create(name, { periodInMinutes: alarmEvery / 60_000 })
  })

export const disarmAlarm = (): Promise<void> =>
  enqueue(async () => {
    await browser.alarms.clear(name)
  })
