import { playSound, type RingSound } from '../../../messages/ring-sound.ts'
import { browser } from '../../../platform/browser.ts'

/** `ring` is what the person chose; `waiting` is one soft stroke, for whoever is in a call already. */
export type Tone = 'ring' | 'waiting'

export interface RingTone {
  /** Sounds this tone, or stops it. What was asked last holds, however fast it changes. */
  readonly sound: (wanted: Tone | null) => void
}

export function createRingTone(chosen: () => RingSound): RingTone {
  const play = import.meta.env.FIREFOX ? playInPage() : playOffscreen
  let wanted: Tone | null = null
  // Chromium's document outlives a killed worker, so at boot a tone may still sound that nobody wants.
  let sounding: Tone | null = import.meta.env.FIREFOX ? null : 'ring'
  let busy = false

  async function settle(): Promise<void> {
    if (busy) return
    busy = true
    while (sounding !== wanted) {
      // One tone ends before another begins.
      const next = sounding === null ? wanted : null
      // A tone that cannot be played must not keep the call from ringing by window and notification.
      await play(next && soundOf(next, chosen())).catch(() => {})
      sounding = next
    }
    busy = false
  }

  void settle()
  return {
    sound: (asked) => {
      wanted = asked
      void settle()
    },
  }
}

type Sound = Parameters<typeof playSound>

const soundOf = (tone: Tone, { ringTone, ringVolume, ringTimes }: RingSound): Sound =>
  tone === 'ring' ? [ringTone, ringVolume, ringTimes] : ['waiting', ringVolume, 1]

/** Chromium: a service worker cannot play, but may open one document that does. */
async function playOffscreen(sound: Sound | null): Promise<void> {
  if (sound === null) return await browser.offscreen.closeDocument()
  const [tone, volume, times] = sound
  await browser.offscreen.createDocument({
    url: `/offscreen.html?tone=${tone}&volume=${volume}&times=${times}`,
    reasons: ['AUDIO_PLAYBACK'],
    justification: 'Plays the ring tone while a call rings.',
  })
}

/** Firefox: the event page is a document and plays by itself. */
function playInPage(): (sound: Sound | null) => Promise<void> {
  let stop = () => {}
  return async (sound) => {
    stop()
    if (sound) stop = playSound(...sound)
  }
}
