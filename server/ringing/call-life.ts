import type { MissedCall } from '../../protocol/line.ts'

/** Why a call was missed, as its callee is told. */
export type MissedWhy = MissedCall['why']

/** What a call is at a moment. `endedAt` is wall-clock ms and goes with the last four states. */
export interface CallLife {
  readonly state: 'placed' | 'ringing' | 'answered' | 'declined' | 'cancelled' | 'missed'
  /** What the caller was told first; null until then. */
  readonly answer: 'ringing' | 'unreachable' | 'busy' | null
  /** How many devices acknowledged the ring. */
  readonly devices: number
  readonly why: MissedWhy | null
  /** The device that answered or declined. */
  readonly byDevice: string | null
  readonly endedAt: number | null
}

export type CallEvent =
  /** So many devices in all have acknowledged the ring by now. */
  | { readonly kind: 'rung'; readonly devices: number }
  /** Every device that could be asked has been asked in vain. */
  | { readonly kind: 'nobody-there' }
  /** Another call rings this person already. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'answered'; readonly device: string }
  | { readonly kind: 'declined'; readonly device: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'rang-out' }
  | { readonly kind: 'server-restarted' }

export const newCall: CallLife = {
  state: 'placed',
  answer: null,
  devices: 0,
  why: null,
  byDevice: null,
  endedAt: null,
}

export const isOver = (life: Pick<CallLife, 'state'>): boolean =>
  life.state !== 'placed' && life.state !== 'ringing'

/**
 * What becomes of a call by an event at `now` (wall-clock ms). A call that is over stays as it is: the
 * same value comes back. The first answer or decline wins, whoever comes later.
 */
export function liveOn(life: CallLife, event: CallEvent, now: number): CallLife {
  if (isOver(life)) return life
  switch (event.kind) {
    case 'rung':
      if (event.devices <= life.devices) return life
      return { ...life, state: 'ringing', answer: 'ringing', devices: event.devices }
    case 'nobody-there':
      return life.devices > 0 ? life : missed(life, 'unreachable', now)
    case 'busy':
      return life.state === 'placed' ? missed(life, 'busy', now) : life
    case 'answered':
    case 'declined':
      return {
        ...life,
        state: event.kind,
        answer: 'ringing',
        devices: Math.max(life.devices, 1),
        byDevice: event.device,
        endedAt: now,
      }
    case 'cancelled':
      return { ...life, state: 'cancelled', why: 'cancelled', endedAt: now }
    case 'rang-out':
      return missed(life, 'no-answer', now)
    case 'server-restarted':
      return missed(life, 'server-restarted', now)
  }
}

const missed = (life: CallLife, why: MissedWhy, now: number): CallLife => ({
  ...life,
  state: 'missed',
  answer: why === 'unreachable' || why === 'busy' ? why : life.answer,
  why,
  endedAt: now,
})
