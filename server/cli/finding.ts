import { megabyte } from '../megabyte.ts'

/** `look` is for what works and should be seen to; `wrong` for what does not work, or will not for long. */
export interface Finding {
  readonly mark: 'ok' | 'look' | 'wrong'
  /** What was looked at, in a word or two. */
  readonly about: string
  /** What was found; and where it is not well, what to do. */
  readonly sentence: string
}

type Find = (about: string, sentence: string) => Finding

export const ok: Find = (about, sentence) => ({ mark: 'ok', about, sentence })
export const look: Find = (about, sentence) => ({ mark: 'look', about, sentence })
export const wrong: Find = (about, sentence) => ({ mark: 'wrong', about, sentence })

export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Bytes as people say them: `12 MB`, `3.4 GB`. */
export function sizeText(bytes: number): string {
  const megabytes = bytes / megabyte
  if (megabytes >= 1_024) return `${(megabytes / 1_024).toFixed(1)} GB`
  return `${megabytes >= 10 ? Math.round(megabytes) : Number(megabytes.toFixed(1))} MB`
}
