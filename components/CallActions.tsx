import { isolated } from '../messages/isolated.ts'
import type { IncomingCall } from '../messages/state.ts'
import { CommandButton } from './CommandButton.tsx'
import { canDecline, rings } from './call-wording.ts'
import type { Asker } from './page-props.ts'
import './CallActions.css'

interface Props {
  readonly call: IncomingCall
  readonly ask: Asker
}

/** Answer while the call rings, and Decline until one was pressed. */
export function CallActions({ call, ask }: Props) {
  if (!canDecline(call)) return null
  return (
    <div class="call-actions">
      {rings(call) && (
        <CommandButton
          class="button--primary"
          label={`Answer ${isolated(call.from)}`}
          run={() => ask('answer', { call: call.id })}
        >
          Answer
        </CommandButton>
      )}
      <CommandButton
        class="button--danger"
        label={`Decline ${isolated(call.from)}`}
        run={() => ask('decline', { call: call.id })}
      >
        Decline
      </CommandButton>
    </div>
  )
}
