import type { CloseReason } from '../../protocol/close-codes.ts'
import { type DeviceMessage, features, protocolVersion } from '../../protocol/connection.ts'
import type { Timing } from '../../protocol/timing.ts'
import type { DpopVerifier } from '../accounts/dpop-verifier.ts'
import { recordRefusedProof } from '../accounts/refused-proof.ts'
import { findSessionEnd, noteTelling } from '../accounts/session-ends.ts'
import type { Session } from '../accounts/sessions.ts'
import type { Bus } from '../bus/bus.ts'
import type { CallsOfCallee } from '../calls/calls.ts'
import type { ToldAtWelcome } from '../calls/missed-calls.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { Connection } from './connection.ts'
import type { LaterWrites } from './later-writes.ts'
import type { SessionCloseReason } from './lease-reducer.ts'
import type { Presence } from './presence.ts'

export type Hello = Extract<DeviceMessage, { type: 'hello' }>

export interface HandshakeDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly bus: Pick<Bus, 'flush'>
  readonly timing: Timing
  readonly presence: Presence
  readonly calls: CallsOfCallee
  readonly dpop: DpopVerifier
  readonly laterWrites: LaterWrites
  readonly findSession: (token: string) => Promise<Session | undefined>
  /** Of this installation. */
  readonly secret: string
  /** Whether people can speak in the room of an answered call; by default they can. */
  readonly canRoom?: (() => boolean) | undefined
}

/**
 * Answers a `hello`: with a welcome that is true at the moment it is sent, or by closing the connection. The
 * connection joins before anything is read, so that no change can fall between the reading and the joining.
 */
export async function handshake(
  dependencies: HandshakeDependencies,
  connection: Connection,
  hello: Hello,
): Promise<void> {
  const { bus, timing, presence, calls } = dependencies
  if (hello.protocol !== protocolVersion) return connection.close('protocolUnknown')
  const session = await dependencies.findSession(hello.token)
  if (!connection.open) return
  if (!session) return connection.close(await endOf(dependencies, connection, hello))
  const refused = await refusedProof(dependencies, connection, hello, session)
  if (session.device !== hello.device) return connection.close('sessionEnded')
  if (refused) return connection.close(refused)
  if (!connection.open) return
  const userId = session.account.id
  connection.identity = { userId, device: hello.device, sessionId: session.id, known: undefined }
  if (!presence.join(connection)) return connection.close('tooManyDevices')
  const [claimed] = await Promise.all([
    presence.claim(connection, hello.order, hello.takeOver),
    // What changes from here on is heard.
    bus.flush(),
  ])
  if (claimed.kind !== 'granted' || !connection.open) return
  let told: ToldAtWelcome | undefined
  do {
    connection.stale = false
    const known = presence.knowSession(connection)
    told = await calls.toldAtWelcome(userId, session.id)
    known(told?.session)
  } while (connection.stale && connection.open)
  const { account, missed, active: ringing } = told ?? { account: session.account, missed: [], active: [] }
  if (!connection.open || !presence.welcome(connection, hello.order, claimed.takeOver)) return
  connection.send({
    type: 'welcome',
    protocol: protocolVersion,
    timing,
    account,
    missed,
    ringing,
    features: [...features],
    ...(dependencies.canRoom?.() === false && { canRoom: false }),
  })
}

/**
 * How the session of this hello is over. Why it was ended only its device is told, by the key that the session had, and
 * a few times: one that does not know the code of that reason comes back, and hears the plain one in the end.
 */
async function endOf(
  { db, dpop }: HandshakeDependencies,
  connection: Connection,
  { token, device, proof }: Hello,
): Promise<SessionCloseReason> {
  const end = await findSessionEnd(db, token, device)
  if (!end) return 'sessionEnded'
  const asked = { method: 'GET', path: '/socket', token, jkt: end.jkt }
  const proven = await dpop.verifyConnection(proof, connection.nonce, asked)
  if (proven.kind !== 'proven') return 'sessionEnded'
  await noteTelling(db, end.sessionId)
  return end.why
}

/**
 * Why the device at this connection does not prove to hold the key of the session. That goes on record, for which no
 * hello waits: whoever has a token could keep all others waiting.
 */
async function refusedProof(
  { db, clock, dpop, laterWrites, secret }: HandshakeDependencies,
  connection: Connection,
  { token, proof }: Hello,
  session: Session,
): Promise<CloseReason | undefined> {
  const asked = { method: 'GET', path: '/socket', token, jkt: session.jkt }
  const proven = await dpop.verifyConnection(proof, connection.nonce, asked)
  if (proven.kind === 'proven') return undefined
  if (proven.kind !== 'refused') return 'proofRefused'
  const refused = { why: proven.why, path: asked.path, from: connection.from, session }
  const now = clock.wall()
  laterWrites.add(`${session.id} ${proven.why}`, () => recordRefusedProof({ db, secret }, refused, now))
  // Its server moved, or another stands in its place: nothing says that the session is over.
  return proven.why === 'wrong-address' ? 'wrongAddress' : 'proofRefused'
}
