import type { DeviceMessage } from '../../../protocol/connection.ts'
import type { ReachabilityDriver } from '../reachability/driver.ts'
import type { Retry } from '../retry-with-backoff.ts'
import { sendPendingLogouts } from '../session/pending-logouts.ts'
import type { Session } from '../session/session.ts'
import { armAlarm, disarmAlarm } from './alarm.ts'

interface Dependencies {
  /** The reading of what an earlier worker kept. */
  readonly restoring: Retry
  readonly session: Session
  readonly reachability: ReachabilityDriver
  readonly closePages: () => Promise<void>
  /** Says of calls that this person placed that they are given up. */
  readonly giveUpCalls: () => void
  readonly send: (message: DeviceMessage) => void
}

export interface Lifecycle {
  /** The one routine of every wake-up: read what could not be read, reopen or prove the connection, finish what is unfinished. */
  readonly wake: () => Promise<void>
  /** The badge is off before anything is awaited. */
  readonly logOut: () => Promise<void>
  /** Logs out, closes every page, and leaves nothing running until the person opens the extension again. */
  readonly exit: () => Promise<void>
}

/** What begins and ends the work of the worker. */
export function createLifecycle({
  restoring,
  session,
  reachability,
  closePages,
  giveUpCalls,
  send,
}: Dependencies): Lifecycle {
  /** Tells servers of log-outs they have not heard of, and keeps the alarm only as long as it has a use. */
  async function rest(): Promise<void> {
    const acknowledged = await sendPendingLogouts().catch(() => false)
    // What could not be read may be a session, or a log-out that its server has not heard of.
    const unfinished = !acknowledged || session.current() !== null || restoring.failing()
    await (unfinished ? armAlarm() : disarmAlarm()).catch(() => {})
  }

  return {
    wake: async () => {
      await restoring.attempt()
      reachability.dispatch({ type: 'woke' })
      await rest()
    },
    logOut: async () => {
      // Without that they would ring on until the server gives their caller up.
      giveUpCalls()
      send({ type: 'goodbye', why: 'log-out' })
      await session.end('logged-out')
      await rest()
    },
    exit: async () => {
      giveUpCalls()
      send({ type: 'goodbye', why: 'exit' })
      // A page that cannot be closed does not keep the session.
      await Promise.allSettled([session.end('exited'), closePages()])
      await rest()
    },
  }
}
