import { furtherWording } from '../../../messages/further-calls.ts'
import { isolated } from '../../../messages/isolated.ts'
import type { PeopleState } from '../../../messages/people.ts'
import type { State, UnreachableReason } from '../../../messages/state.ts'
import { unreachableAction, unreachableSentence } from '../../../messages/unreachable-reasons.ts'

export type ToolbarIcon =
  | 'reachable'
  | 'reachable-lettered'
  | 'checking'
  | 'unreachable-lettered'
  | 'away-lettered'
  | 'busy-lettered'
  | 'invisible'
  | 'ringing-a'
  | 'ringing-b'

/**
 * What the toolbar shows: the whole of it follows from the state, nothing from what was shown before.
 *
 * At 16 px the icon says more than letters do, so green and a ring are an icon alone. What is not green has letters all
 * the same: no single part that a browser failed to draw makes it look green. They are narrow, for a wide font cuts `OFF`
 * and `99+` in Firefox.
 */
export interface BadgeView {
  readonly text: string
  readonly colour: string
  /** Which of the drawn icons: a lettered one leaves its sign to be seen beside the text. */
  readonly icon: ToolbarIcon
  readonly title: string
}

/** White text on each has a contrast of at least 4.5. */
const colours = {
  green: '#137333',
  amber: '#8a5a00',
  grey: '#5f6368',
  blue: '#2a58be',
  red: '#b3261e',
  slate: '#4a6078',
}

/** The view of a worker that has proven nothing yet (T6). */
export const checkingView: BadgeView = {
  text: '…',
  colour: colours.amber,
  icon: 'checking',
  title: 'Reachable: checking whether calls can reach you…',
}

/** How moments are written (ms since 1970). */
export interface Clock {
  /** `10:02:31` */
  readonly exactly: (at: number) => string
  /** `22 Nov 17:03`: with its day, for a worker that has no more to do draws nothing at midnight. */
  readonly moment: (at: number) => string
  /** `14:00` of today, else with its day. */
  readonly until: (at: number) => string
}

function unreachableTitle(why: UnreachableReason, since: string | undefined): string {
  const action = unreachableAction(why)
  return `${unreachableSentence(why)}.${since === undefined ? '' : ` Since ${since}.`}${action ? ` ${action}` : ''}`
}

/**
 * Derives the toolbar from the state.
 *
 * @param evenSecond true in every other second: the two looks of a ring alternate.
 */
export function badgeViewOf(state: State, evenSecond: boolean, clock: Clock): BadgeView {
  const ringing = state.calls.filter(({ phase }) => phase === 'ringing')
  if (ringing.length > 0)
    return {
      text: '',
      // Never green: that colour is for proof alone.
      colour: evenSecond ? colours.blue : colours.amber,
      icon: evenSecond ? 'ringing-a' : 'ringing-b',
      title: ringingTitle(ringing.filter(({ test }) => !test).length, state.furtherCalls),
    }
  const status = statusView(state, clock)
  return state.calls.some(mayStillWait) || state.furtherCalls > 0
    ? { ...status, title: `${status.title} A caller may still be waiting.` }
    : status
}

function ringingTitle(shown: number, further: number): string {
  if (shown === 0) return 'Reachable: a test ring.'
  const others = shown - 1 + further
  return `Reachable: a call is ringing${others > 0 ? `, and ${furtherWording(others)}` : ''}. Click to answer.`
}

/** A call of which nobody can say whether it still rings. */
const mayStillWait = ({ phase }: State['calls'][number]) =>
  typeof phase === 'object' ? 'unheard' in phase : phase === 'connection-lost' || phase === 'checking'

function statusView(state: State, clock: Clock): BadgeView {
  const { reachability } = state
  // As true after that time as before it.
  const atRisk = state.people?.expected.find(({ risk }) => risk)
  const expected = atRisk ? ` Call expected at ${clock.until(atRisk.at)}.` : ''
  switch (reachability.kind) {
    case 'reachable': {
      const view = reachableView(state, reachability.confirmedAt, clock)
      return { ...view, title: `${view.title}${expected && `${expected} It would not ring.`}` }
    }
    case 'checking': {
      const { lastConfirmedAt: last } = reachability
      const confirmed = last === undefined ? '' : ` Last confirmed at ${clock.exactly(last)}.`
      return { ...checkingView, title: `${checkingView.title}${confirmed}${expected}` }
    }
    case 'unreachable': {
      const since = reachability.since === undefined ? undefined : clock.moment(reachability.since)
      return {
        text: expected === '' ? 'Off' : '!',
        colour: colours.grey,
        icon: 'unreachable-lettered',
        title: `${unreachableTitle(reachability.why, since)}${expected}`,
      }
    }
    default:
      return reachability satisfies never
  }
}

/** Calls get through: what was chosen is told besides, and what waits is counted, each in the status's own colour. */
function reachableView(state: State, confirmedAt: number, clock: Clock): BadgeView {
  const { session, people, missed } = state
  const name = session.kind === 'signed-in' ? `, ${isolated(session.account.name)}` : ''
  const { icon, letteredIcon, letters, colour, sentence } = lookOf(people?.status ?? undefined, name, clock)
  const unread = people?.unread ?? 0
  const asking = people?.asking.length ?? 0
  const count = missed.length + unread + asking
  const unheard = people ? unheardWording(people.status) : ''
  const waiting = [
    counted(missed.length, 'missed call', 'missed calls'),
    people?.mayBeMoreUnread
      ? ` ${unread} or more unread messages.`
      : counted(unread, 'unread message', 'unread messages'),
    counted(asking, 'contact request', 'contact requests'),
  ].join('')
  return {
    text: count === 0 ? letters : count > 99 ? '99⁺' : String(count),
    colour,
    icon: count === 0 ? icon : letteredIcon,
    title: `${sentence} Confirmed at ${clock.exactly(confirmedAt)}.${unheard}${waiting}`,
  }
}

function unheardWording(status: PeopleState['status']): string {
  if (!status) return ' Which status you chose is not known now.'
  return status.confirmed ? '' : ' The server has not heard of that status yet.'
}

const counted = (count: number, one: string, more: string): string =>
  count === 0 ? '' : ` ${count} ${count === 1 ? one : more}.`

interface Look {
  readonly icon: ToolbarIcon
  readonly letteredIcon: ToolbarIcon
  readonly letters: string
  readonly colour: string
  readonly sentence: string
}

const alike = (icon: ToolbarIcon) => ({ icon, letteredIcon: icon })

function lookOf(status: NonNullable<PeopleState['status']> | undefined, name: string, clock: Clock): Look {
  const reached = `Calls can reach you${name}.`
  const available: Look = {
    icon: 'reachable',
    letteredIcon: 'reachable-lettered',
    letters: '',
    colour: colours.green,
    sentence: reached,
  }
  if (!status) return available
  switch (status.chosen) {
    case 'away':
      return {
        ...alike('away-lettered'),
        letters: '☾',
        colour: colours.amber,
        sentence: `${reached} Your contacts see that you are away.`,
      }
    case 'busy': {
      const until = status.until === null ? '' : ` until ${clock.until(status.until)}`
      return {
        ...alike('busy-lettered'),
        letters: '–',
        colour: colours.red,
        sentence: `You are busy${until}${name}: calls do not ring, but for those of contacts that you chose, and are kept.`,
      }
    }
    case 'invisible':
      return {
        ...alike('invisible'),
        letters: 'Inv',
        colour: colours.slate,
        sentence: `${reached} Your contacts see you as offline.`,
      }
    case 'available':
      return available
    default:
      return status.chosen satisfies never
  }
}
