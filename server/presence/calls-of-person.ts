import type { MissedCall } from '../../protocol/connection.ts'

/** The calls to a person, as their devices see them: all that presence knows of what a call is. */
export interface CallsOfPerson {
  /** The ids of those that are not over. */
  active(userId: string): Promise<string[]>
  /** What was missed and not yet seen, newest first. */
  missed(userId: string): Promise<MissedCall[]>
  /** How many of these were placed from `from` to `until`, wall-clock ms. */
  countMissed(userId: string, from: number, until: number): Promise<number>
  /** @throws when it could not be written: the device has to say it again. */
  answer(by: CalledDevice, call: string): Promise<void>
  decline(by: CalledDevice, call: string): Promise<void>
  seen(userId: string, calls: readonly string[]): Promise<void>
}

/** Which device of whom answers or declines, and by which connection. */
interface CalledDevice {
  readonly userId: string
  readonly device: string
  readonly connection: string
}
