import { vi } from 'vitest'
import { createCallDriver } from '../../../entrypoints/background/calls/driver.ts'
import { withdrawStaleNotifications } from '../../../entrypoints/background/calls/notification.ts'
import type { Presenter } from '../../../entrypoints/background/calls/presenter.ts'
import type { DeviceMessage } from '../../../protocol/connection.ts'
import { ringingCall } from './calls-on-device.ts'

export const room = 'https://r.example/1'
export const answered = { type: 'over', call: 'a', outcome: 'answered', here: true, room } as const
export const call = ringingCall()

/** A worker's calls and a screen that shows what it is asked to, or nothing at all. */
export function worker(shows = true) {
  const sent: [number, DeviceMessage][] = []
  const rooms: string[] = []
  const screen: string[] = []
  let sounding = false
  const doubt = vi.fn()
  const presenter: Presenter = {
    present: async ({ id }) => {
      if (!shows) throw new Error('no display')
      screen.push(`present ${id}`)
    },
    notifyUnproven: ({ id, phase }) => screen.push(`${phase} ${id}`),
    withdraw: (id) => screen.push(`withdraw ${id}`),
    withdrawOthers: withdrawStaleNotifications,
    close: (id) => screen.push(`close ${id}`),
    ringing: (calls) => {
      sounding = calls.length > 0
    },
    enter: (where) => rooms.push(where),
  }
  const changed = vi.fn()
  const send = (connection: number, message: DeviceMessage) => sent.push([connection, message])
  const calls = createCallDriver({ send, presenter, doubt, changed })
  return {
    ...calls,
    sent,
    rooms,
    screen,
    doubt,
    changed,
    sounding: () => sounding,
    connect: (connection: number | null) =>
      calls.dispatch({ type: 'connection', number: connection, leased: connection !== null }),
    ring: (connection: number) => calls.dispatch({ type: 'ring', connection, call }),
    phase: () => calls.now()[0]?.phase,
  }
}

export const settled = () => vi.advanceTimersByTimeAsync(0)

export function ringing() {
  const device = worker()
  device.connect(1)
  device.ring(1)
  return device
}
