import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { ActiveCallRegistry } from './active-call-registry.ts'
import type { CalleeDevices } from './callee-devices.ts'

/** Whether the callers of what rings can still be reached themselves is asked this often, in ms. */
const askEvery = 2_000
/** Whoever could not be for so long, in ms, has given up: nobody is to answer a call that was abandoned. */
const goneFor = 20_000

export interface CallerWatchDependencies {
  readonly active: Pick<ActiveCallRegistry, 'ids' | 'get'>
  readonly devices: Pick<CalleeDevices, 'isReachable'>
  readonly clock: Clock
  readonly log: Log
  readonly cancel: (id: string) => Promise<boolean>
}

/** Cancels the calls of people of whom no device holds a lease any more, at whichever node. */
export function watchCallers({ active, devices, clock, log, cancel }: CallerWatchDependencies) {
  /** By person who calls: since when no device of theirs was seen to hold a lease, monotonic ms. */
  const gone = new Map<string, number>()
  let askedAt = clock.monotonic()
  let asking = false

  const look = async (caller: string, calls: readonly string[], now: number) => {
    // What cannot be known says nothing of them.
    if ((await devices.isReachable(caller)) !== false) return void gone.delete(caller)
    const since = gone.get(caller) ?? now
    gone.set(caller, since)
    if (now - since < goneFor) return
    for (const call of calls) {
      log.info({ call }, 'whoever placed a call is gone')
      await cancel(call)
    }
  }

  const lookAll = async (now: number) => {
    const calls = Map.groupBy(active.ids(), (id) => active.get(id)?.callerId ?? '')
    calls.delete('')
    for (const caller of gone.keys()) if (!calls.has(caller)) gone.delete(caller)
    await Promise.all([...calls].map(([caller, ids]) => look(caller, ids, now)))
  }

  return {
    tick() {
      const now = clock.monotonic()
      if (asking || now - askedAt < askEvery) return
      askedAt = now
      asking = true
      lookAll(now)
        .catch((err) => log.error({ err }, 'an abandoned call could not be cancelled yet'))
        .finally(() => {
          asking = false
        })
    },
  }
}
