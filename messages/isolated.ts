/** Letters and marks of scripts that are written from right to left (Unicode's ranges for them). */
const rightToLeft = /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/**
 * A name for the middle of a sentence: one that is written from right to left is isolated (U+2068, U+2069), so that it
 * turns round nothing of what stands beside it. Where there are elements, `<bdi>` does it.
 */
export const isolated = (name: string): string => (rightToLeft.test(name) ? `\u2068${name}\u2069` : name)
