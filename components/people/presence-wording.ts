import { clockWording, dayWording, momentInSentence } from '../../messages/moment-wording.ts'
import type { ChosenStatus, ContactView, PresenceView, SeenAs } from '../../messages/people.ts'
import type { PresenceShapeName } from '../shapes.ts'
import { untilWording } from '../time-wording.ts'

/**
 * What is known of somebody at `now`, as it may be shown: a busy whose end has passed is over, and what they are by now
 * nobody has said yet; without a `proven` connection nothing is known of anybody.
 *
 * @param now milliseconds since 1970
 */
export function presenceNow(presence: PresenceView, proven: boolean, now: number): PresenceView {
  if (!proven) return { kind: 'unknown' }
  if (presence.kind === 'busy' && presence.until !== null && presence.until <= now)
    return { kind: 'checking', lastKnownAt: presence.until }
  return presence
}

/** What is known of somebody, and since when where that is known, in a few words. */
export function presenceWording(presence: PresenceView, now: number): string {
  switch (presence.kind) {
    case 'available':
      return 'Can be reached'
    case 'away':
      return `Away${sinceWording(presence.since, now)}`
    case 'in-call':
      return `In a call${sinceWording(presence.since, now)}`
    case 'busy':
      return presence.until === null ? 'Busy' : `Busy until ${untilWording(presence.until, now)}`
    case 'checking':
      return 'Was reachable, checking…'
    case 'offline':
      return 'Offline'
    case 'unknown':
      return 'Not known now'
    default:
      return presence satisfies never
  }
}

const sinceWording = (since: number | null, now: number): string =>
  since === null ? '' : ` since ${momentInSentence(since, now)}`

export const presenceShape = ({ kind }: PresenceView): PresenceShapeName =>
  kind === 'checking' ? 'asking' : kind

/** What a row says below a name: of who is no contact what became of the request, and nothing of where they are. */
export function contactWording(
  { relation, presence, since }: ContactView,
  proven: boolean,
  now: number,
): string {
  switch (relation) {
    case 'asked':
      return `Asked ${dayOrClock(since, now)}, no answer yet`
    case 'blocked':
      return `Blocked ${dayOrClock(since, now)}`
    case 'clinic':
      return 'Messages for you'
    default:
      return presenceWording(presenceNow(presence, proven, now), now)
  }
}

/** `at 10:02` of today, else the day alone. */
function dayOrClock(at: number, now: number): string {
  const day = dayWording(new Date(at), new Date(now))
  return day === 'today' ? `at ${clockWording(new Date(at))}` : day
}

/** A status by its name, for who chooses it and for who sees it. */
export const statusWording: Readonly<Record<ChosenStatus, string>> = {
  available: 'Available',
  away: 'Away',
  busy: 'Busy',
  invisible: 'Invisible',
}

/** What contacts are shown; of what nobody has said the shape says that, too. */
export const seenWording: Readonly<Record<Exclude<SeenAs, 'unknown'>, string>> = {
  available: 'Available',
  away: 'Away',
  busy: 'Busy',
  'in-call': 'In a call',
  offline: 'Offline',
}
