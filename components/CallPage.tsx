import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { IncomingCall, State } from '../messages/state.ts'
import { CallActions } from './CallActions.tsx'
import {
  callTitle,
  callWording,
  canDecline,
  isOver,
  isToBeRead,
  ringingWording,
  rings,
} from './call-wording.ts'
import { initials } from './initials.ts'
import type { Asker, PageProps } from './page-props.ts'
import { LazyRehearsal } from './people/lazy-parts.ts'
import { useFittingWindow, useStrayPresses } from './use-call-window.ts'
import { useAge } from './use-tick.ts'
import './CallPage.css'

interface Props extends PageProps {
  readonly id: string
  readonly close: () => void
}

/** Milliseconds for which the end of a call can be read. */
const readFor = 2_500

/** For so long, in ms, a rehearsal waits to be told what was seen and heard, and what helps is read. */
const askedFor = 60_000

/** What is said of a call that the worker does not know. */
const unknownCall = {
  waiting: 'Finding out whether it still rings…',
  gone: 'This call no longer rings',
  unknown: 'Whether it still rings is not known',
} as const

/** The window of one incoming call. It closes itself once the call is over. */
export function CallPage({ state, ask, id, close }: Props) {
  const subject = subjectOf(state, id)
  const call = typeof subject === 'object' ? subject : undefined
  const ringing = call !== undefined && rings(call)
  const over = call ? isOver(call) : subject !== 'waiting'
  const rehearsal = useRef(false)
  rehearsal.current ||= call?.test ?? false
  const { last } = state.readiness
  const asks = over && rehearsal.current && last !== null && !(last.seen && last.heard)
  const leaves = over && !asks && !(call && isToBeRead(call))
  const content = useRef<HTMLElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const settled = useStrayPresses(ringing)
  useCallKeys(call, ask)
  useFittingWindow(content, call !== undefined, id, ask)
  // The heading, not a button: Enter or Space meant for another window must not answer.
  useLayoutEffect(() => heading.current?.focus(), [call === undefined, ringing, over])
  useEffect(() => {
    if (!leaves && !asks) return
    const closing = setTimeout(close, asks ? askedFor : readFor)
    return () => clearTimeout(closing)
  }, [leaves, asks, close])
  const title = call ? callTitle(call, othersOf(state, id)) : 'Incoming call – Reachable'
  useEffect(() => {
    document.title = title
  }, [title])
  return (
    <main ref={content} class="call" data-rings={ringing}>
      {call && (
        <div class="call-avatar" aria-hidden="true">
          {initials(call.from)}
        </div>
      )}
      <div role="status">
        <h1 ref={heading} tabIndex={-1}>
          <bdi>{call?.from ?? (rehearsal.current ? 'Test ring' : 'Incoming call')}</bdi>
        </h1>
        <p class="call-words">
          {typeof subject === 'object'
            ? callWording(subject)
            : rehearsal.current
              ? 'The test is over'
              : unknownCall[subject]}
        </p>
      </div>
      {call && ringing && call.firstRungAt !== null && (
        <RingingFor since={call.firstRungAt} again={call.rungAgain} />
      )}
      {ringing && state.cannotSpeak && !call.test && (
        <p class="call-hint">
          You will neither hear nor see each other: the server has no https. Ask whoever runs it.
        </p>
      )}
      {call && <CallActions call={call} ask={ask} held={!settled} />}
      {call && canDecline(call) && (
        <p class="call-hint">
          {ringing && (
            <>
              <kbd>Alt</kbd>+<kbd>A</kbd> answers,{' '}
            </>
          )}
          <kbd>Alt</kbd>+<kbd>D</kbd> declines
        </p>
      )}
      {asks && <LazyRehearsal readiness={state.readiness} settings={state.settings} ask={ask} />}
      {leaves && <p class="call-hint">This window closes by itself.</p>}
    </main>
  )
}

/** How many more calls ring, with a window or waiting their turn. */
const othersOf = ({ calls, furtherCalls }: State, id: string): number =>
  calls.filter((call) => call.id !== id && !call.test && rings(call)).length + furtherCalls

/** Outside every live region: a screen reader reads it when asked, not each second. */
function RingingFor({ since, again }: { readonly since: number; readonly again: boolean }) {
  return <p class="call-hint call-time">{ringingWording(again, useAge(since))}</p>
}

/**
 * What a call's window can say: the call itself; `waiting` while a worker that has just started finds
 * out what still rings; `gone` when nothing of that name rings any more; `unknown` when that cannot be found out.
 */
type Subject = IncomingCall | 'waiting' | 'gone' | 'unknown'

function subjectOf(state: State, id: string): Subject {
  const call = state.calls.find((one) => one.id === id)
  if (call) return call
  if (state.session.kind === 'unknown') return 'waiting'
  if (state.session.kind === 'signed-out') return 'gone'
  switch (state.reachability.kind) {
    case 'checking':
      return 'waiting'
    case 'reachable':
      return 'gone'
    case 'unreachable':
      return 'unknown'
  }
}

/** With Alt, so that no one who was typing when the window came up answers or declines by chance. */
const commands = { KeyA: 'answer', KeyD: 'decline' } as const

/** Alt+A answers while `call` rings; Alt+D declines it, also while it may only still be waiting. */
function useCallKeys(call: IncomingCall | undefined, ask: Asker): void {
  const id = call && canDecline(call) ? call.id : undefined
  const ringing = call !== undefined && rings(call)
  useEffect(() => {
    if (id === undefined) return
    const onKey = (event: KeyboardEvent) => {
      const { altKey, ctrlKey, metaKey, repeat, code } = event
      if (!altKey || ctrlKey || metaKey || repeat) return
      if (code !== 'KeyA' && code !== 'KeyD') return
      if (code === 'KeyA' && !ringing) return
      event.preventDefault()
      void ask(commands[code], { call: id }).catch(() => undefined)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [id, ringing, ask])
}
