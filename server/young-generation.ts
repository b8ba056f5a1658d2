import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Bytes of both halves together. */
const size = 16 * 1_048_576

const sizeNow = () =>
  getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? size

/**
 * Keeps the part of the heap in which objects begin at 16 MB. V8 lets it grow to 128 MB, all of which stay resident and
 * pass through the processor's cache again and again, though a heartbeat leaves next to nothing behind. A flag of the
 * command line would do the same (`--max-semi-space-size`), but only for whoever gives it; once the process runs V8 heeds
 * no size, but by how much it may grow.
 */
export function holdYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=8')
  // It grows where much survives, and never more than that once it may not.
  for (const kept: object[] = []; sizeNow() < size && kept.length < 1_000_000; )
    for (let n = 0; n < 1_000; n += 1) kept.push({ n })
  setFlagsFromString('--semi-space-growth-factor=1')
}
