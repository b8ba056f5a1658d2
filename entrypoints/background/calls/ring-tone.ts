import { browser } from '../../../platform/browser.ts'

/** `ring` goes on until it is stopped; `waiting` is one soft stroke, for whoever is in a call already. */
export type Tone = 'ring' | 'waiting'

export interface RingTone {
  /** Sounds this tone, or stops it. What was asked last holds, however fast it changes. */
  readonly sound: (wanted: Tone | null) => void
}

export function createRingTone(): RingTone {
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
      await play(next).catch(() => {})
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

/** Chromium: a service worker cannot play, but may open one document that does. */
async function playOffscreen(tone: Tone | null): Promise<void> {
  if (tone === null) return await browser.offscreen.closeDocument()
  await browser.offscreen.createDocument({
    url: tone === 'ring' ? '/offscreen.html' : '/offscreen.html?waiting',
    reasons: ['AUDIO_PLAYBACK'],
    justification: 'Plays the ring tone while a call rings.',
  })
}

/** Firefox: the event page is a document and plays by itself. */
function playInPage(): (tone: Tone | null) => Promise<void> {
  let audio: HTMLAudioElement | undefined
  return async (tone) => {
    audio?.pause()
    if (tone === null) return
    audio = Object.assign(new Audio(`/${tone}.wav`), { loop: tone === 'ring' })
    await audio.play()
  }
}
