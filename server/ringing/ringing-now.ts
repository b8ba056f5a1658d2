import type { Clock } from '../clock.ts'

/** The calls that this server rings, each with its deadline on the monotonic clock. */
export interface RingingNow {
  begin(call: string, userId: string): void
  end(call: string): void
  /** Milliseconds until it has rung long enough; undefined for a call that is not rung from here. */
  left(call: string): number | undefined
  /** Adds devices that acknowledged. @returns how many different ones did in all. */
  acknowledged(call: string, devices: readonly string[]): number
  /**
   * A ring for the call is on its way to devices.
   *
   * @returns what is called when it came back: how many others for this call are still on their way.
   */
  asking(call: string): () => number
  /** The calls that have rung long enough, and whom. One that could not be ended is named again a second later. */
  due(): { readonly call: string; readonly userId: string }[]
}

const againAfter = 1_000

interface Ringing {
  readonly userId: string
  readonly deadline: number
  triedAt: number
  readonly devices: Set<string>
  asking: number
}

export function ringingNow(clock: Clock, ringFor: number): RingingNow {
  const calls = new Map<string, Ringing>()

  return {
    begin(call, userId) {
      const deadline = clock.monotonic() + ringFor
      calls.set(call, { userId, deadline, triedAt: Number.NEGATIVE_INFINITY, devices: new Set(), asking: 0 })
    },
    end(call) {
      calls.delete(call)
    },
    left(call) {
      const entry = calls.get(call)
      return entry && Math.max(0, entry.deadline - clock.monotonic())
    },
    acknowledged(call, devices) {
      const all = calls.get(call)?.devices
      for (const device of devices) all?.add(device)
      return all?.size ?? devices.length
    },
    asking(call) {
      const entry = calls.get(call)
      if (!entry) return () => 0
      entry.asking += 1
      return () => {
        entry.asking -= 1
        return entry.asking
      }
    },
    due() {
      const now = clock.monotonic()
      const due = [...calls].filter(
        ([, { deadline, triedAt }]) => deadline <= now && triedAt + againAfter <= now,
      )
      for (const [, entry] of due) entry.triedAt = now
      return due.map(([call, { userId }]) => ({ call, userId }))
    },
  }
}
