import type { IncomingCall } from '../messages/state.ts'
import { CommandButton } from './CommandButton.tsx'
import type { Asker } from './page-props.ts'
import './CallActions.css'

interface Props {
  readonly call: IncomingCall
  readonly ask: Asker
}

/** Answer and Decline, there only while the call rings. */
export function CallActions({ call, ask }: Props) {
  if (call.phase !== 'ringing') return null
  return (
    <div class="call-actions">
      <CommandButton
        class="button--primary"
        label={`Answer ${call.from}`}
        run={() => ask('answer', { call: call.id })}
      >
        Answer
      </CommandButton>
      <CommandButton
        class="button--danger"
        label={`Decline ${call.from}`}
        run={() => ask('decline', { call: call.id })}
      >
        Decline
      </CommandButton>
    </div>
  )
}
