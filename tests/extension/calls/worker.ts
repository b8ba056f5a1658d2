import { vi } from 'vitest'
import { createCallDriver } from '../../../entrypoints/background/calls/driver.ts'
import { noCalls } from '../../../entrypoints/background/calls/incoming-call-reducer.ts'
import type { Presenter } from '../../../entrypoints/background/calls/presenter.ts'
import {
  type CallStore,
  type StoredCalls,
  toStored,
} from '../../../entrypoints/background/calls/stored-calls.ts'
import { readClocks } from '../../../entrypoints/background/clocks.ts'
import type { DeviceMessage } from '../../../protocol/connection.ts'
import { ringingCall } from './calls-on-device.ts'

export const room = 'https://r.example/1'
export const answered = { type: 'over', call: 'a', outcome: 'answered', here: true, room } as const
export const call = ringingCall()

/** What keeps the calls of one worker for the next, each write as soon as it is asked for. */
export function createMemoryStore() {
  const writes: StoredCalls[] = []
  const todos: (() => void)[] = []
  const store: CallStore = {
    write: (calls) => writes.push(calls),
    whenWritten: (todo) => todos.push(todo),
    read: async () => writes.at(-1) ?? toStored(noCalls),
  }
  return {
    ...store,
    writes,
    /** The storage says that it has kept everything. */
    confirm: () => {
      for (const todo of todos.splice(0)) todo()
    },
  }
}

/** A worker's calls and a screen that shows what it is asked to, or nothing at all. */
export function worker({ shows = true, opens = true, store = createMemoryStore() as CallStore } = {}) {
  const sent: [number, DeviceMessage][] = []
  const rooms: string[] = []
  const screen: string[] = []
  const left: (readonly string[])[] = []
  let sounding = false
  const doubt = vi.fn()
  const presenter: Presenter = {
    present: ({ id }, shown) => {
      if (!shows) return
      screen.push(`present ${id}`)
      setTimeout(shown)
    },
    notifyUnproven: ({ id, phase }) => screen.push(`${phase} ${id}`),
    withdraw: (id) => screen.push(`withdraw ${id}`),
    withdrawOthers: async (ringing) => void left.push(ringing),
    close: (id) => screen.push(`close ${id}`),
    soundFor: (calls) => {
      sounding = calls.length > 0
    },
    enter: (_, where, failed) => {
      if (opens) rooms.push(where)
      else failed()
    },
  }
  const changed = vi.fn()
  const send = (connection: number, message: DeviceMessage) => sent.push([connection, message])
  const after = (milliseconds: number, todo: () => void) => {
    const timer = setTimeout(todo, milliseconds)
    return () => clearTimeout(timer)
  }
  const calls = createCallDriver({ clocks: readClocks, after, store, send, presenter, doubt, changed })
  return {
    ...calls,
    sent,
    rooms,
    screen,
    /** Which notifications were left, each time that all others were taken back. */
    left,
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

export function ringing(store?: CallStore) {
  const device = worker(store && { store })
  device.connect(1)
  device.ring(1)
  return device
}
