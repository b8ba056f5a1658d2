/** Two notes by which a visitor whose page is behind others hears that somebody answered. Made in the press of Call, as phones want it. */
export interface Tone {
  /** @returns once it has sounded, or a second later at most: nobody waits in the room for a sound. */
  play(): Promise<void>
  /** Nobody will be answered by this: browsers let a page have a few, and keep what sound needs for each. */
  close(): void
}

const low = 660
const high = 880
/** Seconds. */
const noteLength = 0.25
/** A browser whose sound hangs, or is taken for something else, never says that it is over: in ms. */
const soundedWithin = 1_000

export function prepareTone(): Tone {
  let context: AudioContext | undefined
  try {
    context = new AudioContext()
    void context.resume()
  } catch {
    context = undefined
  }
  const close = () => {
    // One that was closed before says so by an error.
    context?.close().catch(() => {})
    context = undefined
  }
  return {
    close,
    async play() {
      const audio = context
      if (audio?.state !== 'running') return
      const now = audio.currentTime
      const volume = audio.createGain()
      volume.gain.value = 0.2
      volume.connect(audio.destination)
      const notes = [low, high].map((frequency, n) => {
        const note = new OscillatorNode(audio, { frequency })
        note.connect(volume)
        note.start(now + n * noteLength)
        note.stop(now + (n + 1) * noteLength)
        return note
      })
      await new Promise<void>((resolve) => {
        notes.at(-1)?.addEventListener('ended', () => resolve())
        setTimeout(resolve, soundedWithin)
      })
      close()
    },
  }
}
