import { useEffect, useRef, useState } from 'preact/hooks'
import type { State } from '../messages/state.ts'
import { LazyExpectedCalls, LazyReadinessLine } from './people/lazy-parts.ts'
import type { ContactBook } from './people/order-contacts.ts'

/** Whoever opens the popup waits no longer for what is still to come: milliseconds. */
const mostHeld = 1_000
/** Where contacts are is told a moment after who they are, and of some it is not known at all: milliseconds. */
const mostForPresence = 150

/** Parts that have files of their own, and stand among the others. */
const amongOthers = [LazyExpectedCalls, LazyReadinessLine] as const

/**
 * Whether the popup can draw what may be pressed below the light. It waits until the worker has told what it has, so that
 * all of it comes at once and nothing that comes later moves what somebody is about to press. Once it has been drawn it
 * stays, until nobody is signed in.
 */
export function useSettled(state: State, book: ContactBook): boolean {
  const drawn = useRef(false)
  const isSignedIn = state.session.kind === 'signed-in'
  const wanted = isSignedIn && !drawn.current
  const overdue = useOver(wanted, mostHeld)
  const presenceOverdue = useOver(wanted && book.complete, mostForPresence)
  const isThere = useLoaded(wanted)
  if (state.session.kind === 'signed-out') drawn.current = false
  const told = isTold(state, book) && (presenceOverdue || isPresenceTold(state, book)) && isThere
  if (isSignedIn && (told || overdue)) drawn.current = true
  return drawn.current
}

/** Whether all that was to come has: from the server, or where no connection gets through, from what is kept here. */
function isTold({ reachability, people }: State, book: ContactBook): boolean {
  if (reachability.kind === 'checking') return false
  if (people === null) return true
  // What contacts see stands above them, and is known a moment after the light is green.
  const isHere = reachability.kind === 'unreachable' || (!people.catchingUp && people.seenAs !== 'unknown')
  return book.complete && isHere
}

/** Those who can be reached stand before the others. */
const isPresenceTold = ({ reachability, people }: State, { sorted }: ContactBook): boolean =>
  people === null ||
  reachability.kind === 'unreachable' ||
  sorted.every(({ relation, presence }) => relation !== 'contact' || presence.kind !== 'unknown')

/** Whether this has been so for so many milliseconds. */
function useOver(isSo: boolean, milliseconds: number): boolean {
  const [over, setOver] = useState(false)
  useEffect(() => {
    setOver(false)
    if (!isSo) return
    const timer = setTimeout(() => setOver(true), milliseconds)
    return () => clearTimeout(timer)
  }, [isSo, milliseconds])
  return over && isSo
}

/** Whether those parts have been loaded, or could not be. */
function useLoaded(wanted: boolean): boolean {
  const [isThere, setThere] = useState(() => amongOthers.every((part) => part.isLoaded()))
  useEffect(() => {
    if (!wanted || isThere) return
    void Promise.allSettled(amongOthers.map((part) => part.load())).then(() => setThere(true))
  }, [wanted, isThere])
  return isThere
}
