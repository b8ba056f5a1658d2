export interface Level {
  /** How loud it is at this moment, from 0 to 1, as it is heard: not in proportion to the pressure. */
  readonly read: () => number
  readonly close: () => void
}

/** Below this nobody hears anything, in decibels under the loudest that a microphone can give. */
const silence = -60

/** Measures how loud a track is. To be called once the person has pressed something: without, browsers measure nothing. */
export function openLevel(track: MediaStreamTrack): Level {
  const context = new AudioContext()
  const source = context.createMediaStreamSource(new MediaStream([track]))
  const analyser = context.createAnalyser()
  analyser.fftSize = 1_024
  source.connect(analyser)
  void context.resume()
  const samples = new Float32Array(analyser.fftSize)
  return {
    read: () => {
      analyser.getFloatTimeDomainData(samples)
      return loudness(samples)
    },
    close: () => void context.close(),
  }
}

export function loudness(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
  const decibels = power > 0 ? 10 * Math.log10(power) : silence
  return Math.min(1, Math.max(0, 1 - decibels / silence))
}
