/** The tones that a ring may have, each a file of the extension. */
export const ringTones = ['ring', 'chime', 'phone'] as const
export type RingTone = (typeof ringTones)[number]

/** How often a tone may be played; 0 is for as long as a call rings. */
export const ringTimes = [0, 3, 1] as const

/** How a ring sounds on this device. */
export interface RingSound {
  readonly ringTone: RingTone
  /** Per cent. */
  readonly ringVolume: number
  readonly ringTimes: (typeof ringTimes)[number]
}

/**
 * Plays a tone in this document.
 *
 * @param volume per cent.
 * @param times 0: until it is stopped.
 * @returns stops it.
 */
export function playSound(name: RingTone | 'waiting', volume: number, times: number): () => void {
  const audio = new Audio(`/${name}.wav`)
  audio.volume = volume / 100
  audio.loop = times === 0
  let left = times - 1
  const play = () => void audio.play().catch(() => {})
  audio.onended = () => {
    left -= 1
    if (left >= 0) play()
  }
  play()
  return () => audio.pause()
}
