import { browser } from '../../../platform/browser.ts'

export interface RingTone {
  /** Sounds the tone, or stops it. What was asked last holds, however fast it changes. */
  readonly sound: (wanted: boolean) => void
}

export function createRingTone(): RingTone {
  const play = import.meta.env.FIREFOX ? playInPage() : playOffscreen
  let wanted = false
  // Chromium's document outlives a killed worker, so at boot a tone may still sound that nobody wants.
  let sounding = !import.meta.env.FIREFOX
  let busy = false

  async function settle(): Promise<void> {
    if (busy) return
    busy = true
    while (sounding !== wanted) {
      const next = wanted
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
async function playOffscreen(on: boolean): Promise<void> {
  if (!on) return await browser.offscreen.closeDocument()
  await browser.offscreen.createDocument({
    url: '/offscreen.html',
    reasons: ['AUDIO_PLAYBACK'],
    justification: 'Plays the ring tone while a call rings.',
  })
}

/** Firefox: the event page is a document and plays by itself. */
function playInPage(): (on: boolean) => Promise<void> {
  let audio: HTMLAudioElement | undefined
  return async (on) => {
    audio ??= Object.assign(new Audio('/ring.wav'), { loop: true })
    if (on) await audio.play()
    else audio.pause()
    audio.currentTime = 0
  }
}
