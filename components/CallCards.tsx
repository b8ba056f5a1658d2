import { useLayoutEffect, useRef } from 'preact/hooks'
import { furtherWording } from '../messages/further-calls.ts'
import { isolated } from '../messages/isolated.ts'
import type { IncomingCall } from '../messages/state.ts'
import { CallActions } from './CallActions.tsx'
import { callWording, rings } from './call-wording.ts'
import type { Asker } from './page-props.ts'
import { Shape } from './Shape.tsx'
import './CallCards.css'

interface Props {
  readonly calls: readonly IncomingCall[]
  /** How many ring besides, and wait their turn to be shown. */
  readonly further: number
  readonly ask: Asker
}

/** More would push the popup past the height that browsers allow it. */
const most = 3

/** The calls of now, those that ring first, each oldest first. */
export function CallCards({ calls, further, ask }: Props) {
  const others = Math.max(0, calls.length - most) + further
  const cards = useKeptFocus()
  return (
    <div ref={cards} class="call-cards">
      {[...calls.filter(rings), ...calls.filter((call) => !rings(call))].slice(0, most).map((call) => (
        <CallCard key={call.id} call={call} ask={ask} />
      ))}
      {others > 0 && <p class="call-others">and {furtherWording(others)}</p>}
    </div>
  )
}

/** A call in the popup: who, what can be done, and how it stands or ended. */
const CallCard = ({ call, ask }: { readonly call: IncomingCall; readonly ask: Asker }) => (
  <section
    class="call-card"
    data-rings={rings(call)}
    aria-label={`Call from ${isolated(call.from)}`}
    tabIndex={-1}
  >
    {rings(call) && <Shape name="ringing-a" size={28} />}
    <div class="call-who" role="status">
      <strong>
        <bdi>{call.from}</bdi>
      </strong>
      <span>{callWording(call)}</span>
    </div>
    <CallActions call={call} ask={ask} />
  </section>
)

/**
 * Gives the focus of a button that goes to its card, and that of a card that goes to the first that is left: to no button,
 * which a second Enter would press.
 */
function useKeptFocus() {
  const cards = useRef<HTMLDivElement>(null)
  const held = useRef<Element | null>(null)
  useLayoutEffect(() => {
    const { current } = cards
    const hold = ({ target }: FocusEvent) => {
      held.current = (target as Element).closest('.call-card')
    }
    // What is taken away may lose the focus by that; what stays has lost it to something else.
    const release = ({ target }: FocusEvent) =>
      queueMicrotask(() => {
        if ((target as Element).isConnected && !current?.contains(document.activeElement)) held.current = null
      })
    current?.addEventListener('focusin', hold)
    current?.addEventListener('focusout', release)
    return () => {
      current?.removeEventListener('focusin', hold)
      current?.removeEventListener('focusout', release)
    }
  }, [])
  useLayoutEffect(() => {
    const lost = held.current && (document.activeElement ?? document.body) === document.body
    if (!lost) return
    const card = held.current?.isConnected ? held.current : cards.current?.querySelector('.call-card')
    if (card instanceof HTMLElement) card.focus()
  })
  return cards
}
