import { useId, useState } from 'preact/hooks'
import type { IncomingCall } from '../../messages/state.ts'
import type { Asker } from '../page-props.ts'
import { LazyReadyAnswers } from './lazy-parts.ts'

interface Props {
  readonly call: IncomingCall
  readonly ask: Asker
  /** What is pressed now was meant for something else. */
  readonly held: boolean
}

/** Whoever cannot talk now can say so: a few ready answers, and one of their own, which decline the call. */
export function DeclineWithAnswer({ call, ask, held }: Props) {
  const id = useId()
  const [open, setOpen] = useState(false)
  return (
    <div class="ready">
      <button
        type="button"
        class="link"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-disabled={held}
        onClick={() => !held && setOpen(!open)}
      >
        Decline with an answer
      </button>
      <div id={id}>{open && <LazyReadyAnswers call={call} ask={ask} held={held} />}</div>
    </div>
  )
}
