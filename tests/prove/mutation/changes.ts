import type { Stryker } from '@stryker-mutator/core'

/** A change to one place of a file, told so that other changes to the file leave it the same. */
export interface Change {
  readonly file: string
  /** The line on which it begins, without what stands around it. */
  readonly line: string
  /** What is there, and what the change puts in its place; white space counts as one blank. */
  readonly original: string
  readonly replacement: string
}

/** A change that nobody can notice, since it changes nothing that matters. */
export interface Equivalent extends Change {
  readonly why: string
}

type Result = Awaited<ReturnType<Stryker['runMutationTest']>>[number]

const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

/** @param text the file as it was when the change was made. */
export function changeOf({ location, replacement }: Result, file: string, text: string): Change {
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

const keyOf = ({ file, line, original, replacement }: Change) =>
  JSON.stringify([file, line, original, replacement])

/** Which living changes are not known, and which known ones do not live. */
export function judge(alive: readonly Change[], known: readonly Equivalent[]) {
  const lives = new Set(alive.map(keyOf))
  const isKnown = new Set(known.map(keyOf))
  return {
    unnoticed: alive.filter((change) => !isKnown.has(keyOf(change))),
    stale: known.filter((change) => !lives.has(keyOf(change))),
  }
}
