import { useEffect, useState } from 'preact/hooks'
import { lazily } from './lazily.tsx'
import { allRows, type Rows, type RowsOptions } from './rows.ts'

const longLists = () => import('./long-lists.ts')
const seldomSeen = () => import('./seldom-seen.ts')

/** What a popup that opens does not wait for: it comes with script and style of its own. */
export const LazyThread = lazily(async () => (await longLists()).Thread)
export const LazyAddContact = lazily(async () => (await seldomSeen()).AddContact)
export const LazyBusyUntilTime = lazily(async () => (await seldomSeen()).BusyUntilTime)
export const LazyCallList = lazily(async () => (await seldomSeen()).CallList)
export const LazyExpectAt = lazily(async () => (await seldomSeen()).ExpectAt)
export const LazyExpectedCalls = lazily(async () => (await seldomSeen()).ExpectedCalls)
export const LazyReadinessLine = lazily(async () => (await seldomSeen()).ReadinessLine)
export const LazyReadyAnswers = lazily(async () => (await seldomSeen()).ReadyAnswers)
export const LazyRehearsal = lazily(async () => (await seldomSeen()).Rehearsal)

type UseRows = (options: RowsOptions) => Rows

/** So many rows are drawn whole; what draws of more those that can be seen is loaded once there are more. */
const drawnWhole = 60

/**
 * How the rows of a list are drawn, and how many of them can be so.
 *
 * @param count how many there are.
 */
export function useRowsFor(count: number): { readonly useRows: UseRows; readonly most: number } {
  const [loaded, setLoaded] = useState<{ readonly useRows: UseRows }>()
  const many = count > drawnWhole
  useEffect(() => {
    if (!many || loaded) return
    void longLists().then(
      ({ useVirtualRows }) => setLoaded({ useRows: useVirtualRows }),
      () => undefined,
    )
  }, [many, loaded])
  // Once it is there it stays: a list that is drawn another way is another list, and loses its place.
  return loaded
    ? { useRows: loaded.useRows, most: Number.POSITIVE_INFINITY }
    : { useRows: allRows, most: drawnWhole }
}
