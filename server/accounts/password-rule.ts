export const shortestPassword = 8
export const longestPassword = 128

const needed: readonly [RegExp, string][] = [
  [/[A-Z]/, 'a capital letter A–Z'],
  [/[a-z]/, 'a small letter a–z'],
  [/[0-9]/, 'a digit 0–9'],
  [/[^A-Za-z0-9]/, 'one other character'],
]

/** Says what a new password lacks, in one sentence; undefined when it will do. */
export function passwordFault(password: string): string | undefined {
  const lacks = needed.filter(([pattern]) => !pattern.test(password)).map(([, what]) => what)
  if (password.length < shortestPassword) lacks.push(`at least ${shortestPassword} characters`)
  if (password.length > longestPassword) lacks.push(`at most ${longestPassword} characters`)
  return lacks.length > 0 ? `The password needs ${lacks.join(', ')}.` : undefined
}
