import { defaultTiming } from '../../protocol/timing.ts'
import type { BehindProxy } from '../support/server/start-behind-proxy.ts'

const atOnce = 1_000
const silent = 15_000
/** What nothing but the alarm can notice: a background that died by itself. */
const alarmFloor = 31_000

/** A fault of the way that a call takes, and how long a light may stay green after it: milliseconds. */
const faults = {
  'server killed': {
    bound: atOnce,
    breaks: ({ server }: BehindProxy) => server.kill(),
    mends: ({ server }: BehindProxy) => server.restart(),
  },
  'server hung': {
    bound: silent,
    breaks: ({ server }: BehindProxy) => server.freeze(),
    mends: ({ server }: BehindProxy) => server.thaw(),
  },
  'packets lost': {
    bound: silent,
    breaks: ({ network }: BehindProxy) => network.stall(),
    mends: ({ network }: BehindProxy) => network.flow(),
  },
}

export type Fault = keyof typeof faults
export const faultNames = Object.keys(faults) as readonly Fault[]

/**
 * The way from a caller to a device, whose truth is known from without: a call gets through while nothing is broken and
 * the device has a lease that was seen passing.
 */
export function wayOf(parts: BehindProxy) {
  let broken: { readonly fault: Fault; readonly since: number } | undefined
  let mended: number | undefined

  return {
    carries: (): boolean => {
      const leased = parts.network.leased()
      return (
        broken === undefined && leased !== undefined && performance.now() - leased < defaultTiming.leaseFor
      )
    },
    /** What broke it, when, and until when a light may be green all the same. */
    broken: () => broken,
    bound: (): number => (broken ? faults[broken.fault].bound : alarmFloor),
    /** When the last fault was mended, unless a light has been seen to be green since: `seenGreen` says so. */
    mended: () => mended,
    seenGreen: () => {
      mended = undefined
    },
    break: async (fault: Fault): Promise<void> => {
      broken = { fault, since: performance.now() }
      mended = undefined
      await faults[fault].breaks(parts)
    },
    mend: async (): Promise<void> => {
      if (broken) await faults[broken.fault].mends(parts)
      broken = undefined
      mended = performance.now()
    },
  }
}

export type Way = ReturnType<typeof wayOf>
