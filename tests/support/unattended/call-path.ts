import { defaultTiming } from '../../../protocol/timing.ts'
import type { BehindProxy } from '../server/start-server-behind-proxy.ts'

const atOnce = 1_000
const silent = 15_000
/** What nothing but the alarm can notice: a background that died by itself. */
const alarmFloor = 31_000

/** What can break the path of a call, and how long a badge may stay green after it: milliseconds. */
const faults = {
  'server killed': {
    greenWithin: atOnce,
    inject: ({ server }: BehindProxy) => server.kill(),
    mend: ({ server }: BehindProxy) => server.restart(),
  },
  'server hung': {
    greenWithin: silent,
    inject: ({ server }: BehindProxy) => server.freeze(),
    mend: ({ server }: BehindProxy) => server.thaw(),
  },
  'packets lost': {
    greenWithin: silent,
    inject: ({ network }: BehindProxy) => network.stall(),
    mend: ({ network }: BehindProxy) => network.restore(),
  },
}

export type Fault = keyof typeof faults
export const faultNames = Object.keys(faults) as readonly Fault[]

/**
 * The path from a caller to a device, whose truth is known from without: a call gets through while nothing is broken and
 * the device has a lease that was seen passing. Moments are those of `performance.now()`.
 */
export function openCallPath(behindProxy: BehindProxy) {
  let broken: { readonly by: Fault; readonly since: number } | undefined
  let mendedAt: number | undefined

  return {
    getsThrough: (): boolean => {
      const leased = behindProxy.network.leasedAt()
      return (
        broken === undefined && leased !== undefined && performance.now() - leased < defaultTiming.leaseFor
      )
    },
    /** The fault that breaks it now. */
    broken: () => broken,
    /** For how long a badge may stay green all the same, whatever the cause: milliseconds. */
    greenWithin: (): number => (broken ? faults[broken.by].greenWithin : alarmFloor),
    /** When the last fault was mended, unless the badge has been seen to be green since: `seenGreen` says so. */
    mendedAt: () => mendedAt,
    seenGreen: () => {
      mendedAt = undefined
    },
    inject: async (by: Fault): Promise<void> => {
      broken = { by, since: performance.now() }
      mendedAt = undefined
      await faults[by].inject(behindProxy)
    },
    mend: async (): Promise<void> => {
      if (broken) await faults[broken.by].mend(behindProxy)
      broken = undefined
      mendedAt = performance.now()
    },
  }
}

export type CallPath = ReturnType<typeof openCallPath>
