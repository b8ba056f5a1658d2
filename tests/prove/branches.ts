/** What Istanbul's report says of a file, as far as it concerns branches. Connections count from 1. */
export interface FileCoverage {
  readonly branchMap: { readonly [id: string]: { readonly locations: readonly Location[] } }
  readonly b: { readonly [id: string]: readonly number[] }
}

interface Location {
  readonly start: Position
  readonly end: Position
}

interface Position {
  readonly line?: number
  readonly column?: number
}

export interface Branch {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly times: number
}

/** The branches of a file, but for those that the types rule out: `satisfies never`. */
export function branchesOf(file: string, text: string, { branchMap, b }: FileCoverage): Branch[] {
  const lines = text.split('\n')
  return Object.entries(branchMap).flatMap(([id, { locations }]) =>
    locations.flatMap((location, i) => {
      const line = location.start.line ?? locations[0]?.start.line ?? 1
      const there = lines.slice(line - 1, location.end.line ?? line).join('\n')
      if (/^\s*default:[\s\S]*satisfies never/.test(there)) return []
      return [{ file, line, text: (lines[line - 1] ?? '').trim(), times: b[id]?.[i] ?? 0 }]
    }),
  )
}
