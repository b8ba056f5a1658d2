import { faultNames, type Way } from './way.ts'

/** Milliseconds: how long all is well before a fault, and how long a fault lasts. */
const well = { from: 15_000, to: 60_000 }
const ill = { from: 1_000, to: 40_000 }

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Breaks and mends the way at random for so long (milliseconds), and leaves time to come back at the end. @returns how often. */
export async function makeFaults(way: Way, seed: number, lasting: number): Promise<number> {
  const random = randomFrom(seed)
  const between = ({ from, to }: { readonly from: number; readonly to: number }) =>
    from + random() * (to - from)
  const ends = performance.now() + lasting - well.to
  let made = 0
  for (;;) {
    await pause(between(well))
    const lasts = between(ill)
    if (performance.now() + lasts > ends) return made
    const fault = faultNames[Math.floor(random() * faultNames.length)] ?? 'server killed'
    await way.break(fault)
    await pause(lasts)
    await way.mend()
    made += 1
  }
}
