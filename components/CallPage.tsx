import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { CallActions } from './CallActions.tsx'
import { callStanding } from './call-standing.ts'
import { callWording, canDecline, isOver, rings } from './call-wording.ts'
import { initials } from './initials.ts'
import type { PageProps } from './page-props.ts'
import { useCallKeys } from './use-call-keys.ts'
import './CallPage.css'

interface Props extends PageProps {
  readonly id: string
  readonly close: () => void
}

/** Milliseconds for which the end of a call can be read. */
const readFor = 2_500

/** What is said of a call that the worker does not know. */
const unknownCall = {
  waiting: 'Finding out whether it still rings…',
  gone: 'This call no longer rings',
  unknown: 'Whether it still rings is not known',
} as const

/** The window of one incoming call. It closes itself once the call is over. */
export function CallPage({ state, ask, id, close }: Props) {
  const standing = callStanding(state, id)
  const call = typeof standing === 'object' ? standing : undefined
  const over = call ? isOver(call) : standing !== 'waiting'
  const heading = useRef<HTMLHeadingElement>(null)
  useCallKeys(call, ask)
  // The heading, not a button: Enter or Space meant for another window must not answer.
  useLayoutEffect(() => heading.current?.focus(), [call === undefined, call && rings(call), over])
  useEffect(() => {
    if (!over) return
    const closing = setTimeout(close, readFor)
    return () => clearTimeout(closing)
  }, [over, close])
  const words = typeof standing === 'object' ? callWording(standing) : unknownCall[standing]
  return (
    <main class="call" data-rings={call !== undefined && rings(call)}>
      {call && (
        <div class="call-face" aria-hidden="true">
          {initials(call.from)}
        </div>
      )}
      <div role="status">
        <h1 ref={heading} tabIndex={-1}>
          {call?.from ?? 'Incoming call'}
        </h1>
        <p class="call-words">{words}</p>
      </div>
      <footer>
        {call && <CallActions call={call} ask={ask} />}
        {call && canDecline(call) && (
          <p class="quiet">
            {rings(call) && (
              <>
                <kbd>Alt</kbd>+<kbd>A</kbd> answers,{' '}
              </>
            )}
            <kbd>Alt</kbd>+<kbd>D</kbd> declines
          </p>
        )}
        {over && <p class="quiet">This window closes by itself.</p>}
      </footer>
    </main>
  )
}
