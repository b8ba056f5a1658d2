import type { IncomingCall } from '../messages/state.ts'
import { CallActions } from './CallActions.tsx'
import { callWording, rings } from './call-wording.ts'
import type { Asker } from './page-props.ts'
import { Shape } from './Shape.tsx'
import './CallCard.css'

interface Props {
  readonly call: IncomingCall
  readonly ask: Asker
}

/** A call in the popup: who, what can be done, and how it stands or ended. */
export const CallCard = ({ call, ask }: Props) => (
  <section class="call-card" data-rings={rings(call)} aria-label={`Call from ${call.from}`}>
    {rings(call) && <Shape name="ringing-a" size={28} />}
    <div class="call-who" role="status">
      <strong>{call.from}</strong>
      <span>{callWording(call)}</span>
    </div>
    <CallActions call={call} ask={ask} />
  </section>
)
