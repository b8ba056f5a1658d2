import { protocolVersion } from '../../protocol/line.ts'
import type { Timing } from '../../protocol/timing.ts'
import { findSession } from '../accounts/sessions.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import { ringingCallsOf } from '../ringing/call-rows.ts'
import { missedCalls } from '../ringing/missed-calls.ts'
import type { Line } from './line.ts'
import type { Presence } from './presence.ts'

export interface Hello {
  readonly protocol: number
  readonly token: string
  readonly device: string
}

export interface Greeter {
  readonly db: Database
  readonly clock: Clock
  readonly timing: Timing
  readonly presence: Presence
}

/**
 * Answers a `hello`: with a welcome that is true at the moment it is sent, or by closing the line. The
 * line joins before anything is read, so that no change can fall between the reading and the joining.
 */
export async function greet(
  { db, clock, timing, presence }: Greeter,
  line: Line,
  hello: Hello,
): Promise<void> {
  if (hello.protocol !== protocolVersion) return line.close('protocolUnknown')
  const session = await findSession(db, hello.token, hello.device, clock.wall())
  if (!session) return line.close('sessionEnded')
  if (!line.open) return
  const userId = session.account.id
  line.identity = { userId, device: hello.device, sessionId: session.id }
  if (!presence.join(line)) return line.close('tooMany')
  let missed: Awaited<ReturnType<typeof missedCalls>>
  let ringing: string[]
  do {
    line.stale = false
    missed = await missedCalls(db, userId)
    ringing = (await ringingCallsOf(db, userId)).map((call) => call.id)
  } while (line.stale)
  if (!line.open) return
  const { account } = session
  line.send({ type: 'welcome', protocol: protocolVersion, timing, account, missed, ringing })
  presence.welcome(line)
}
