/** The state of the pages counts no more calls than these beyond those that are shown: so many stand for any more. */
export const mostFurtherCalls = 99

/** How many more calls there are, in words that say no more than is known: `1 more call`, `99+ more calls`. */
export function furtherWording(count: number): string {
  if (count === 1) return '1 more call'
  return `${count < mostFurtherCalls ? count : `${mostFurtherCalls}+`} more calls`
}
