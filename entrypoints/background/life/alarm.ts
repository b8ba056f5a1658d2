import { browser } from '../../../platform/browser.ts'
import { alarmEvery } from '../../../protocol/timing.ts'

const name = 'wake'

/** In the order they were asked for, so that what was asked last holds. */
let last: Promise<unknown> = Promise.resolve()
function inTurn(act: () => Promise<unknown>): Promise<void> {
  const next = last.then(act)
  last = next.catch(() => {})
  return next.then(() => {})
}

/** Makes sure that the worker is woken at the browser's shortest interval; an update clears alarms. */
export const armAlarm = (): Promise<void> =>
  inTurn(async () => {
    const armed = await browser.alarms.get(name)
    if (!armed) await browser.alarms.create(name, { periodInMinutes: alarmEvery / 60_000 })
  })

export const disarmAlarm = (): Promise<void> => inTurn(() => browser.alarms.clear(name))
