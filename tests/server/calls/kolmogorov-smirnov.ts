/**
 * The two-sample Kolmogorov–Smirnov statistic: how far apart, at most, the shares of two samples are that lie below one
 * value; 0 for the same, 1 for samples that do not meet.
 */
export function kolmogorovSmirnov(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [one.toSorted((x, y) => x - y), other.toSorted((x, y) => x - y)]
  let [i, j, largest] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i] ?? 0, b[j] ?? 0)
    while (i < a.length && (a[i] ?? 0) <= value) i += 1
    while (j < b.length && (b[j] ?? 0) <= value) j += 1
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length))
  }
  return largest
}

/** What the statistic of two samples of one distribution exceeds with this probability at most, as they grow. */
export const kolmogorovSmirnovBound = (one: number, other: number, probability: number): number =>
  Math.sqrt((-Math.log(probability / 2) / 2) * ((one + other) / (one * other)))
