import type { Stryker } from '@stryker-mutator/core'

/** One change to one place of a file, described so that other edits of the file leave it the same. */
export interface Mutant {
  readonly file: string
  /** The line on which it begins, without what stands around it. */
  readonly line: string
  /** What is there, and what is put in its place; white space counts as one blank. */
  readonly original: string
  readonly replacement: string
}

/** A mutant that no test can kill, since it changes nothing that matters. */
export interface Equivalent extends Mutant {
  readonly why: string
}

type Result = Awaited<ReturnType<Stryker['runMutationTest']>>[number]

const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

/** @param text the file as it was when the mutant was made. */
export function mutantOf({ location, replacement }: Result, file: string, text: string): Mutant {
  const lines = text.split('\n')
  // Lines and columns count from 1.
  const { start, end } = location
  const rows = lines.slice(start.line - 1, end.line)
  rows[rows.length - 1] = rows.at(-1)?.slice(0, end.column - 1) ?? ''
  rows[0] = rows[0]?.slice(start.column - 1) ?? ''
  return {
    file,
    line: plain(lines[start.line - 1] ?? ''),
    original: plain(rows.join('\n')),
    replacement: plain(replacement ?? ''),
  }
}

const keyOf = ({ file, line, original, replacement }: Mutant) =>
  JSON.stringify([file, line, original, replacement])

/** How the mutants came off that are no proof that a test noticed them. */
interface Remaining {
  readonly survived: readonly Mutant[]
  /** The tests took too long: the mutant never ends, or the machine had other things to do. */
  readonly timedOut: readonly Mutant[]
}

/**
 * Which survivors are not known to be equivalent, and which of those that are known were noticed or are gone. One that
 * timed out may be either: it counts as noticed, and speaks against no known one.
 */
export function compare({ survived, timedOut }: Remaining, known: readonly Equivalent[]) {
  const unrefuted = new Set([...survived, ...timedOut].map(keyOf))
  const equivalent = new Set(known.map(keyOf))
  return {
    unnoticed: survived.filter((mutant) => !equivalent.has(keyOf(mutant))),
    stale: known.filter((mutant) => !unrefuted.has(keyOf(mutant))),
  }
}
