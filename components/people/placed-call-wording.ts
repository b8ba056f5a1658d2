import { isolated } from '../../messages/isolated.ts'
import type { PlacedCallPhase, PlacedCallView } from '../../messages/people.ts'
import { untilWording } from '../time-wording.ts'

type Over = Extract<PlacedCallPhase, { kind: 'over' }>

export const isPlacedOver = ({ phase }: PlacedCallView): boolean =>
  phase.kind === 'over' || phase.kind === 'not-placed'

/** Nothing is to be read or done after these: the room is open, or whoever called wanted no more of it. */
export const endsItself = ({ phase }: PlacedCallView): boolean =>
  phase.kind === 'over' &&
  (phase.how === 'answered' || phase.how === 'answered-elsewhere' || phase.how === 'cancelled')

/** It is a moment until the room is open, or not. */
export const isOpening = ({ phase }: PlacedCallView): boolean =>
  phase.kind === 'over' && phase.how === 'opening-room'

/** Who called may still be led into its room. */
export const canEnter = ({ phase }: PlacedCallView): boolean =>
  phase.kind === 'over' && (phase.how === 'room-not-opened' || phase.how === 'room-unknown')

/**
 * How a call that this person placed stands, or what came of it.
 *
 * @param now milliseconds since 1970
 */
export function placedWording({ phase, name }: PlacedCallView, now: number): string {
  switch (phase.kind) {
    case 'placing':
      return 'Calling…'
    case 'ringing':
      return `Ringing on ${phase.devices} ${phase.devices === 1 ? 'device' : 'devices'}`
    case 'waiting':
      return `${phase.hasRung ? 'It no longer rings' : 'Not reachable now'}; trying for ${leftWording(phase.until - now)} more`
    case 'unknown':
      return 'How the call stands is not known now'
    case 'not-placed':
      return `Not called: ${phase.message}`
    case 'over':
      return overWording(phase, isolated(name), now)
    default:
      return phase satisfies never
  }
}

const leftWording = (left: number): string => `${Math.max(0, Math.ceil(left / 1_000))} s`

function overWording({ how, busyUntil, reply }: Over, name: string, now: number): string {
  switch (how) {
    case 'answered':
      return 'Answered. The room is open.'
    case 'opening-room':
      return 'Answered. The room is being opened…'
    case 'room-not-opened':
      return 'Answered, but the room was not opened here.'
    case 'room-unknown':
      return 'Answered. Whether the room was opened here is not known.'
    case 'answered-without-room':
      return 'Answered, but the server named no room that can be opened. Ask whoever runs it.'
    case 'answered-elsewhere':
      return 'Answered. The room is open on another device of yours.'
    case 'declined':
      return reply === null ? 'Declined' : 'Declined, with an answer:'
    case 'cancelled':
      return 'You hung up'
    case 'no-answer':
      return `No answer. ${name} finds your call among the missed ones.`
    case 'unreachable':
      return `Could not be reached. ${name} finds your call among the missed ones.`
    case 'busy':
      return busyUntil !== null && busyUntil > now
        ? `Busy until ${untilWording(busyUntil, now)}: the call is kept`
        : 'Busy: the call is kept'
    case 'server-restarted':
      return 'The server stopped meanwhile. The call is kept.'
    case 'unknown':
      return 'What came of the call is not known here.'
    default:
      return how satisfies never
  }
}

/** The title of the window, which the task bar shows. */
export function placedTitle({ phase, name }: PlacedCallView): string {
  const called = isolated(name)
  // What draws titles may take their direction from the name, and put it last: U+200E comes before it.
  const start = called === name ? '' : '\u200e'
  const words = {
    placing: `Calling ${called}`,
    ringing: `Ringing: ${called}`,
    waiting: `Calling ${called}`,
    unknown: `Call to ${called}`,
    'not-placed': `Call to ${called}`,
    over: `Call to ${called}`,
  }[phase.kind]
  return `${start}${words} – Reachable`
}
