import type { ReachabilityState, SessionState, State, UnreachableReason } from '../../messages/state.ts'
import type { CallDriver } from './calls/driver.ts'
import type { Inbox } from './calls/inbox.ts'
import type { Rehearsals } from './calls/rehearsals.ts'
import { isEndedByServer } from './ended-by-server.ts'
import type { OutageDriver } from './outage/outage-driver.ts'
import type { PeopleDriver } from './people/people-driver.ts'
import type { ReachabilityDriver } from './reachability/driver.ts'
import type { Retry } from './retry-with-backoff.ts'
import type { KnownOffers } from './session/offers.ts'
import type { Session } from './session/session.ts'
import type { SettingsStore } from './session/settings.ts'

interface Dependencies {
  readonly settings: SettingsStore
  readonly session: Session
  readonly offers: KnownOffers
  readonly reachability: ReachabilityDriver
  readonly calls: CallDriver
  readonly inbox: Inbox
  readonly outages: OutageDriver
  readonly people: PeopleDriver
  readonly rehearsals: Rehearsals
  /** The reading of what an earlier worker kept. */
  readonly restoring: Retry
}

/** The one state that toolbar and pages draw, put together from its owners. */
export function snapshot(dependencies: Dependencies): State {
  const { settings, session, offers, reachability, calls, inbox, outages, people, rehearsals, restoring } =
    dependencies
  const { server, ...chosen } = settings.now()
  const { missed, seen, gaps, takesBack, canSpeak } = inbox.now()
  const { issuer, forgot, signUp } = offers.now()
  return {
    server,
    session: session.state(),
    offers: { issuer: issuer?.name ?? null, forgot: forgot !== null, signUp: signUp !== null },
    reachability: outages.described(lightOf({ session, reachability, restoring })),
    calls: calls.now(),
    furtherCalls: calls.further(),
    missed,
    seen: seen && { ...seen, canUndo: takesBack },
    gaps,
    people: session.state().kind === 'signed-in' ? people.now() : null,
    readiness: rehearsals.now(),
    ...(!canSpeak && { cannotSpeak: true }),
    settings: chosen,
  }
}

/** Whether calls get through to whoever is signed in. */
export const lightOf = ({
  session,
  reachability,
  restoring,
}: Pick<Dependencies, 'session' | 'reachability' | 'restoring'>): ReachabilityState =>
  withSession(session.state(), reachability.verdict(), restoring.failing())

function withSession(
  session: SessionState,
  verdict: ReachabilityState,
  unreadable: boolean,
): ReachabilityState {
  switch (session.kind) {
    case 'unknown':
      return unreadable ? { kind: 'unreachable', why: 'storage' } : { kind: 'checking' }
    case 'signed-out':
      return { kind: 'unreachable', why: reasonOf(session) }
    case 'signed-in':
      return verdict
    default:
      return session satisfies never
  }
}

function reasonOf({ why, resting }: Extract<SessionState, { kind: 'signed-out' }>): UnreachableReason {
  if (resting) return 'exited'
  return isEndedByServer(why) ? 'session-ended' : 'signed-out'
}
