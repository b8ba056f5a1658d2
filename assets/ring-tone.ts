/** Samples a second; enough for tones under 2 kHz and small enough to ship. */
const rate = 8_000

/** Seconds of the whole loop; the tone is the first half, the rest is silence. */
const loop = 4

/** A stroke of a bell, each tone with its octave: in seconds and hertz. */
type Stroke = readonly [start: number, length: number, frequencies: readonly number[]]

/** Two soft strokes, a bell's fourth apart. */
const strokes: readonly Stroke[] = [
  [0, 0.5, [587.33, 783.99]],
  [0.5, 0.5, [493.88, 659.26]],
  [1, 0.5, [587.33, 783.99]],
  [1.5, 0.7, [493.88, 659.26]],
]

/** Three rising strokes, twice. */
const chime: readonly Stroke[] = [0, 1.6].flatMap((start): readonly Stroke[] => [
  [start, 0.5, [659.26]],
  [start + 0.22, 0.6, [880]],
  [start + 0.44, 0.9, [1_108.73]],
])

/** The double ring of a telephone on a desk: two pitches in quick turns. */
const phone: readonly Stroke[] = [0, 0.6].flatMap((start) =>
  Array.from({ length: 8 }, (_, turn): Stroke => [start + turn * 0.05, 0.09, [turn % 2 === 0 ? 740 : 880]]),
)

/** One stroke, for whoever is in a call already: it says that another calls, and drowns nobody. */
const waiting = { strokes: [[0, 0.8, [587.33, 783.99]]] as readonly Stroke[], seconds: 0.8, loudness: 40 }

/** Rises in 12 ms and dies away, so that nothing clicks. */
const envelope = (at: number, length: number) =>
  Math.min(1, at / 0.012) * Math.exp((-2.2 * at) / length) * Math.min(1, (length - at) / 0.06)

function sample(strokes: readonly Stroke[], time: number): number {
  let sum = 0
  for (const [start, length, frequencies] of strokes) {
    const at = time - start
    if (at < 0 || at >= length) continue
    for (const frequency of frequencies) {
      const angle = 2 * Math.PI * frequency * at
      sum += (envelope(at, length) * (Math.sin(angle) + 0.25 * Math.sin(2 * angle))) / 2.5
    }
  }
  return sum
}

/** The ring tones: 8-bit mono WAV files that may be looped without a seam. */
export const ringTone = (): Buffer => wavOf(strokes, loop, 118)
export const chimeTone = (): Buffer => wavOf(chime, loop, 105)
export const phoneTone = (): Buffer => wavOf(phone, 3, 230)

/** The soft tone of call waiting, to be played once; a WAV file as well. */
export const waitingTone = (): Buffer => wavOf(waiting.strokes, waiting.seconds, waiting.loudness)

function wavOf(strokes: readonly Stroke[], seconds: number, loudness: number): Buffer {
  const samples = rate * seconds
  const wav = Buffer.alloc(44 + samples)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(36 + samples, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(1, 22)
  wav.writeUInt32LE(rate, 24)
  wav.writeUInt32LE(rate, 28)
  wav.writeUInt16LE(1, 32)
  wav.writeUInt16LE(8, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(samples, 40)
  for (let index = 0; index < samples; index += 1)
    wav.writeUInt8(128 + Math.round(loudness * sample(strokes, index / rate)), 44 + index)
  return wav
}
