import type { Caller, CallerRecord } from '../../support/nodes/caller.ts'
import type { FleetDevice } from '../../support/nodes/fleet-device.ts'

/** What the two sides of a call will do, at random: most are answered, some by two at once, some by nobody. */
interface Plan {
  readonly press?: { readonly what: 'answer' | 'decline'; readonly after: number }
  readonly cancelAfter?: number
}

function planOf(random: () => number): Plan {
  const kind = random()
  const soon = () => Math.round(random() * 800)
  if (kind < 0.62) return { press: { what: 'answer', after: soon() } }
  if (kind < 0.76) return { press: { what: 'decline', after: soon() } }
  if (kind < 0.86) return { cancelAfter: soon() }
  // Both hang up and answer, at about the same time.
  if (kind < 0.96) {
    const at = soon()
    return { press: { what: 'answer', after: at }, cancelAfter: at + Math.round(random() * 40) - 20 }
  }
  return {}
}

export interface CallPlans {
  /** For every device: presses what the plan of a call says when it rings. */
  readonly onRing: (call: string, device: FleetDevice) => void
  /** Places one call to `to` and follows it to its end. */
  readonly place: (to: string) => Promise<CallerRecord>
  readonly records: readonly CallerRecord[]
  /** How many are not over, by whom they are for. */
  readonly underWay: ReadonlyMap<string, number>
  /** How many callers do not know yet that their call is placed. */
  readonly placing: () => number
}

/** Plans are of the person called: a device that rings does not know the caller's key. */
export function createCallPlans(caller: Caller, random: () => number, waitFor: number): CallPlans {
  const records: CallerRecord[] = []
  const underWay = new Map<string, number>()
  /** What a person will do next, in turn. */
  const presses = new Map<string, Plan['press'][]>()
  const decided = new Map<string, Plan['press']>()

  let placing = 0

  const change = (to: string, by: number) => underWay.set(to, (underWay.get(to) ?? 0) + by)

  return {
    records,
    underWay,
    placing: () => placing,
    onRing(call, device) {
      const { username } = device.person
      if (!decided.has(call)) decided.set(call, presses.get(username)?.shift())
      const press = decided.get(call)
      if (press) setTimeout(() => device.press(call, press.what), press.after)
    },
    async place(to) {
      const { press, cancelAfter } = planOf(random)
      const planned = presses.get(to) ?? []
      presses.set(to, planned)
      planned.push(press)
      change(to, 1)
      placing += 1
      try {
        const options = {
          waitFor,
          within: 240_000,
          onPlaced: () => {
            placing -= 1
          },
          ...(cancelAfter !== undefined && { cancelAfter: Math.max(0, cancelAfter) }),
        }
        const record = await caller.call(to, options)
        records.push(record)
        return record
      } finally {
        change(to, -1)
      }
    },
  }
}
