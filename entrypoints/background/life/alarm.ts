import { browser } from '../../../platform/browser.ts'
import { alarmEvery } from '../../../protocol/timing.ts'

const name = 'wake'

/** Makes sure that the worker is woken at the browser's shortest interval; an update clears alarms. */
export async function armAlarm(): Promise<void> {
  const armed = await browser.alarms.get(name)
  if (!armed) await browser.alarms.create(name, { periodInMinutes: alarmEvery / 60_000 })
}

export async function disarmAlarm(): Promise<void> {
  await browser.alarms.clear(name)
}
