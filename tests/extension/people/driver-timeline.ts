import { onTestFinished, vi } from 'vitest'
import type { DeviceMessage } from '../../../protocol/connection.ts'
import type { PeopleRequest } from '../../../protocol/people.ts'

/** Storage and database answer in real time, whatever the time of the test is. */
export const settled = async (): Promise<void> => {
  for (let n = 0; n < 40; n += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** The driver of one worker, whose time passes as told, and what it says. */
export async function startDriver({ at = 0, mayName = false } = {}) {
  vi.resetModules()
  const { createPeopleDriver } = await import('../../../entrypoints/background/people/people-driver.ts')
  let time = at
  const timers = new Set<{ readonly at: number; readonly todo: () => void }>()
  const sent: { readonly on: number; readonly message: DeviceMessage }[] = []
  let changes = 0
  const driver = createPeopleDriver({
    clocks: () => ({ mono: time, wall: 1_800_000_000_000 + time }),
    after: (milliseconds, todo) => {
      const timer = { at: time + milliseconds, todo }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    send: (on, message) => sent.push({ on, message }),
    mayName: () => mayName,
    changed: () => {
      changes += 1
    },
  })
  onTestFinished(() => timers.clear())

  return {
    driver,
    sent,
    changes: () => changes,
    time: () => time,
    wall: () => 1_800_000_000_000 + time,
    pass: async (milliseconds: number) => {
      const until = time + milliseconds
      for (;;) {
        const next = [...timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0]
        if (!next) break
        timers.delete(next)
        time = Math.max(time, next.at)
        next.todo()
        await Promise.resolve()
      }
      time = until
      await settled()
    },
    /** The machine sleeps: no timer runs. */
    sleep: (milliseconds: number) => {
      time += milliseconds
    },
    /** A connection is welcomed, and proven. */
    connect: async (number: number, { features = ['people'], account = 'ann' } = {}) => {
      driver.connectionChanged({ number, light: 'checking' })
      driver.welcomed(number, account, features)
      driver.connectionChanged({ number, light: 'reachable' })
      driver.leased(number)
      await settled()
    },
    disconnect: () => driver.connectionChanged({ number: null, light: 'unreachable' }),
    messages: <T extends DeviceMessage['type']>(type: T) =>
      sent.flatMap(({ on, message }) =>
        message.type === type ? [{ on, ...(message as Extract<DeviceMessage, { type: T }>) }] : [],
      ),
    /** The requests of this kind, each with its number and connection. */
    requests: <W extends PeopleRequest['what']>(what: W) =>
      sent.flatMap(({ on, message }) =>
        message.type === 'request' && message.request.what === what
          ? [{ on, n: message.n, request: message.request as Extract<PeopleRequest, { what: W }> }]
          : [],
      ),
  }
}

export type DriverTimeline = Awaited<ReturnType<typeof startDriver>>
