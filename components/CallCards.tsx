import type { IncomingCall } from '../messages/state.ts'
import { CallCard } from './CallCard.tsx'
import { rings } from './call-wording.ts'
import type { Asker } from './page-props.ts'

interface Props {
  readonly calls: readonly IncomingCall[]
  readonly ask: Asker
}

/** More would push the popup past the height that browsers allow it. */
const most = 3

/** The calls of now, those that ring first, each oldest first. */
export const CallCards = ({ calls, ask }: Props) => (
  <>
    {[...calls.filter(rings), ...calls.filter((call) => !rings(call))].slice(0, most).map((call) => (
      <CallCard key={call.id} call={call} ask={ask} />
    ))}
    {calls.length > most && <p class="call-others">{calls.length - most} more</p>}
  </>
)
