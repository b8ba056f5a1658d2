import type { RingSound } from './ring-sound.ts'

/** What a person chooses for this browser profile. */
export interface Settings extends RingSound {
  /** Whether a notification may name the caller; the call window always does. */
  readonly namesInNotifications: boolean
  /** Whether a notification tells that calls cannot reach the person, and that they can again. */
  readonly tellOfOutages: boolean
}
