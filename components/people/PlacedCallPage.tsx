import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isolated } from '../../messages/isolated.ts'
import type { PlacedCallView } from '../../messages/people.ts'
import type { State } from '../../messages/state.ts'
import { CommandButton } from '../CommandButton.tsx'
import { initials } from '../initials.ts'
import type { ListPageProps } from '../page-props.ts'
import { useFittingWindow } from '../use-call-window.ts'
import { useTick } from '../use-tick.ts'
import { LazyThread } from './lazy-parts.ts'
import { whatFailed } from './people-failure.ts'
import {
  canEnter,
  endsItself,
  isOpening,
  isPlacedOver,
  placedTitle,
  placedWording,
} from './placed-call-wording.ts'
import '../CallPage.css'
import './PlacedCallPage.css'

interface Props extends ListPageProps {
  /** The device's own id of the call. */
  readonly id: string
  readonly close: () => void
}

/** Milliseconds for which it can be read that the call was answered, or taken back. */
const readFor = 2_500

/** The window of one call that this person placed: how it stands, what came of it, and what to do instead. */
export function PlacedCallPage({ state, ask, watch, id, close }: Props) {
  const call = state.people?.placed.find(({ key }) => key === id)
  const [writing, setWriting] = useState(false)
  const content = useRef<HTMLElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const [failure, setFailure] = useState<string>()
  useFittingWindow(content, call !== undefined, id, ask)
  const over = call ? isPlacedOver(call) : state.session.kind === 'signed-out'
  const leaves = over && !writing && (!call || endsItself(call))
  useLayoutEffect(() => {
    if (!writing) heading.current?.focus()
  }, [call === undefined, over, writing])
  useEffect(() => {
    if (!leaves) return
    const closing = setTimeout(close, readFor)
    return () => clearTimeout(closing)
  }, [leaves, close])
  const title = call ? placedTitle(call) : 'Call – Reachable'
  useEffect(() => {
    document.title = title
  }, [title])

  if (call && writing)
    return (
      <main ref={content} class="placed-writing">
        {!over && <StillCalling call={call} />}
        <LazyThread
          contact={call.contact}
          name={call.name}
          ask={ask}
          watch={watch}
          back={() => setWriting(false)}
        />
      </main>
    )
  const name = call && isolated(call.name)
  const cancel = async () => setFailure(await whatFailed(() => ask('cancel-placed-call', { key: id })))
  const enter = async () => setFailure(await whatFailed(() => ask('open-room', { key: id })))
  const again = async () => {
    if (!call) return
    await ask('call-contact', { contact: call.contact })
    close()
  }
  return (
    <main ref={content} class="call placed" data-rings={call?.phase.kind === 'ringing'}>
      {call && (
        <div class="call-avatar" aria-hidden="true">
          {initials(call.name)}
        </div>
      )}
      <div role="status">
        <h1 ref={heading} tabIndex={-1}>
          <bdi>{call?.name ?? 'Your call'}</bdi>
        </h1>
        {call?.phase.kind !== 'waiting' && (
          <p class="call-words">{call ? <Words call={call} /> : unknownWords(state)}</p>
        )}
      </div>
      {call?.phase.kind === 'waiting' && <Waiting call={call} />}
      {call?.phase.kind === 'over' && call.phase.reply !== null && (
        <blockquote class="placed-reply" dir="auto">
          {call.phase.reply}
        </blockquote>
      )}
      {failure !== undefined && (
        <p role="alert" class="field-error">
          {failure}
        </p>
      )}
      {call && !leaves && !isOpening(call) && (
        <div class="call-actions">
          {canEnter(call) ? (
            <CommandButton class="button--primary" label={`Open the room of the call to ${name}`} run={enter}>
              Open the room
            </CommandButton>
          ) : over ? (
            <CommandButton label={`Call again: ${name}`} run={again}>
              Call again
            </CommandButton>
          ) : (
            <CommandButton class="button--danger" label={`Cancel the call to ${name}`} run={cancel}>
              Cancel
            </CommandButton>
          )}
          <button type="button" class="button" onClick={() => setWriting(true)}>
            Leave a message
          </button>
        </div>
      )}
      {leaves && <p class="call-hint">This window closes by itself.</p>}
    </main>
  )
}

const Words = ({ call }: { readonly call: PlacedCallView }) => <>{placedWording(call, Date.now())}</>

/** Counts down outside every live region: a screen reader hears that it waits once, not each second. */
function Waiting({ call }: { readonly call: PlacedCallView }) {
  useTick(1_000)
  return (
    <>
      <p class="for-readers" role="status">
        {call.phase.kind === 'waiting' && call.phase.hasRung
          ? 'It no longer rings, and is tried again'
          : 'Not reachable now, and tried again'}
      </p>
      <p class="call-words placed-waiting" aria-hidden="true">
        {placedWording(call, Date.now())}
      </p>
    </>
  )
}

/** Above the messages: the call goes on while one writes. */
function StillCalling({ call }: { readonly call: PlacedCallView }) {
  useTick(1_000)
  return <p class="placed-still">{placedWording(call, Date.now())}</p>
}

/** What is said of a call that the worker does not know. */
function unknownWords({ session, people }: State): string {
  if (session.kind === 'signed-out') return 'You are logged out: what came of the call is not known here'
  return session.kind === 'unknown' || people === null
    ? 'Finding out how it stands…'
    : 'How this call ended is not known here'
}
