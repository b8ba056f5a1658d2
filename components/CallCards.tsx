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
  return (
    <>
      {[...calls.filter(rings), ...calls.filter((call) => !rings(call))].slice(0, most).map((call) => (
        <CallCard key={call.id} call={call} ask={ask} />
      ))}
      {others > 0 && <p class="call-others">and {furtherWording(others)}</p>}
    </>
  )
}

/** A call in the popup: who, what can be done, and how it stands or ended. */
const CallCard = ({ call, ask }: { readonly call: IncomingCall; readonly ask: Asker }) => (
  <section class="call-card" data-rings={rings(call)} aria-label={`Call from ${isolated(call.from)}`}>
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
