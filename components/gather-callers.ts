import type { MissedCall, SeenCalls } from '../messages/state.ts'

/** The calls of one caller: of who is no contact the name alone is known. */
export interface Caller {
  /** Stays when further calls come, or when these are marked. */
  readonly key: string
  readonly from: string
  /** Who it is, where it is a contact: two of them may have one name. */
  readonly contact: string | null
  /** Whether these were marked as seen. */
  readonly seen: boolean
  /** Newest first. */
  readonly calls: readonly [MissedCall, ...MissedCall[]]
}

/**
 * Gathers the calls of each caller, those marked as seen apart from those that were not. Whoever called last comes
 * first, marked or not, so that nothing moves when it is.
 */
export function gatherCallers(missed: readonly MissedCall[], seen: SeenCalls | null): readonly Caller[] {
  const open = gather(missed, false)
  const marked = gather(seen?.calls ?? [], true)
  return [...open, ...marked].toSorted((a, b) => newerFirst(a.calls[0], b.calls[0]))
}

function gather(calls: readonly MissedCall[], seen: boolean): Caller[] {
  return [...Map.groupBy(calls.toSorted(newerFirst), whoOf).values()].flatMap(([first, ...rest]) =>
    first
      ? [
          {
            key: (rest.at(-1) ?? first).id,
            from: first.from,
            contact: first.contact ?? null,
            seen,
            calls: [first, ...rest] as const,
          },
        ]
      : [],
  )
}

/** A contact by their id, which no name begins like. */
const whoOf = ({ from, contact }: MissedCall): string => (contact == null ? from : `\n${contact}`)

/** Of one moment by their ids: the order is the same, whichever list they are in. */
const newerFirst = (a: MissedCall, b: MissedCall) => b.at - a.at || (a.id < b.id ? -1 : 1)
