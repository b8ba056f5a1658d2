/** How much goes in at once, and how much runs out each second. */
export interface BucketSize {
  readonly atOnce: number
  readonly perSecond: number
}

/** A leaky bucket: how full it was at the moment `at`, in ms of one clock. */
export interface Bucket {
  readonly level: number
  readonly at: number
}

const levelAt = (bucket: Bucket | undefined, { perSecond }: BucketSize, now: number): number =>
  // A clock that was set back makes nobody wait longer.
  bucket ? Math.max(0, bucket.level - (Math.max(0, now - bucket.at) / 1_000) * perSecond) : 0

/**
 * Puts one more into a bucket at `now`, if there is room. What is refused does not make it fuller.
 *
 * @returns the bucket then, and how many ms until there is room; 0 when there was.
 */
export function pour(
  bucket: Bucket | undefined,
  size: BucketSize,
  now: number,
): { readonly bucket: Bucket; readonly wait: number } {
  const left = levelAt(bucket, size, now)
  const level = left + 1
  if (level <= size.atOnce) return { bucket: { level, at: now }, wait: 0 }
  const wait = Math.ceil(((level - size.atOnce) / size.perSecond) * 1_000)
  return { bucket: { level: left, at: now }, wait }
}

/** Buckets of one size by name. None is forgotten before it is empty: whoever names many takes nobody else's count away. */
export interface Buckets {
  /** Puts one more in at `now` (monotonic ms), if there is room. @returns how many ms until there is; 0 when there was. */
  pour(name: string, now: number): number
  /** Takes back what was put in. */
  takeBack(name: string): void
  readonly count: number
}

export function createBuckets(size: BucketSize): Buckets {
  /** The one that was used longest ago first. */
  const buckets = new Map<string, Bucket>()

  const forgetEmpty = (now: number) => {
    // Two for each that comes: so there are never many more than those that are not empty.
    for (const [name, bucket] of [...buckets.entries().take(2)])
      if (levelAt(bucket, size, now) === 0) buckets.delete(name)
  }

  return {
    pour(name, now) {
      const { bucket, wait } = pour(buckets.get(name), size, now)
      buckets.delete(name)
      forgetEmpty(now)
      buckets.set(name, bucket)
      return wait
    },
    takeBack(name) {
      const bucket = buckets.get(name)
      if (bucket) buckets.set(name, { ...bucket, level: Math.max(0, bucket.level - 1) })
    },
    get count() {
      return buckets.size
    },
  }
}
