import type { ChosenStatus, ContactPresence } from './people.ts'

/** What a person is at one moment, as far as it matters to who sees them. */
export interface Seen {
  /** As they chose. */
  readonly status: { readonly status: ChosenStatus; readonly until: number | null }
  /** Each device by which a call would reach them now, and whether nobody is at it: the machine is idle, or locked. */
  readonly devices: readonly { readonly idle: boolean }[]
  readonly inCall: boolean
}

export type SeenAs = Pick<ContactPresence, 'until'> & {
  readonly sees: Exclude<ContactPresence['sees'], 'unknown'>
}

/**
 * What contacts see of somebody: invisible, which is as offline, comes before what was chosen, that before a call, and a
 * call before idleness. Of several devices the one at which somebody is counts.
 *
 * @param now wall-clock ms of the server: a busy that is past its end is available.
 */
export function seenAs({ status: { status, until }, devices, inCall }: Seen, now: number): SeenAs {
  if (devices.length === 0 || status === 'invisible') return { sees: 'offline', until: null }
  if (status === 'busy' && until !== null && until > now) return { sees: 'busy', until }
  if (status === 'away') return { sees: 'away', until: null }
  if (inCall) return { sees: 'in-call', until: null }
  return { sees: devices.every(({ idle }) => idle) ? 'away' : 'available', until: null }
}
