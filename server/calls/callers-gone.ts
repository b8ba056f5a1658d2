import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { ActiveCallRegistry } from './active-call-registry.ts'
import type { CalleeDevices } from './callee-devices.ts'

/** Whether somebody who calls can still be reached themselves is asked this often, in ms. */
const askEvery = 1_500
/** Whoever could not be for so long, in ms, has given up: nobody is to answer a call that was abandoned. */
const goneFor = 20_000

export interface CallerWatchDependencies {
  readonly active: Pick<ActiveCallRegistry, 'ids' | 'get'>
  readonly devices: Pick<CalleeDevices, 'isReachable'>
  readonly clock: Clock
  readonly log: Pick<Log, 'info' | 'error'>
  readonly cancel: (id: string) => Promise<boolean>
}

/** Somebody who calls. Times are monotonic ms. */
interface Caller {
  askAt: number
  asking: boolean
  /** When it was asked first that no device of theirs held a lease; null while one may. */
  goneSince: number | null
}

/**
 * Cancels the calls of people of whom no device holds a lease any more, at whichever node. They are asked for once more
 * at the very moment when they have been gone for long enough, and each for themselves: nobody waits for another.
 */
export function watchCallers({ active, devices, clock, log, cancel }: CallerWatchDependencies) {
  /** By person. */
  const callers = new Map<string, Caller>()

  const ask = async (person: string, caller: Caller, calls: readonly string[], now: number) => {
    // What cannot be known says nothing of them.
    if ((await devices.isReachable(person)) !== false) {
      caller.goneSince = null
      return
    }
    caller.goneSince ??= now
    const goneAt = caller.goneSince + goneFor
    if (now < goneAt) {
      caller.askAt = Math.min(caller.askAt, goneAt)
      return
    }
    for (const call of calls) {
      log.info({ call }, 'whoever placed a call is gone')
      await cancel(call)
    }
  }

  return {
    tick() {
      const now = clock.monotonic()
      const calls = Map.groupBy(active.ids(), (id) => active.get(id)?.callerId ?? '')
      calls.delete('')
      for (const person of callers.keys()) if (!calls.has(person)) callers.delete(person)
      for (const [person, theirs] of calls) {
        const caller = callers.get(person) ?? { askAt: now + askEvery, asking: false, goneSince: null }
        callers.set(person, caller)
        if (caller.asking || now < caller.askAt) continue
        caller.askAt = now + askEvery
        caller.asking = true
        ask(person, caller, theirs, now)
          .catch((err) => log.error({ err }, 'an abandoned call could not be cancelled yet'))
          .finally(() => {
            caller.asking = false
          })
      }
    },
  }
}
