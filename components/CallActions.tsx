import { isolated } from '../messages/isolated.ts'
import type { IncomingCall } from '../messages/state.ts'
import { CommandButton } from './CommandButton.tsx'
import { canDecline, rings } from './call-wording.ts'
import type { Asker } from './page-props.ts'
import { DeclineWithAnswer } from './people/DeclineWithAnswer.tsx'
import './CallActions.css'

interface Props {
  readonly call: IncomingCall
  readonly ask: Asker
  /** For a moment after what holds the buttons came up by itself: what is pressed then was meant for another. */
  readonly held?: boolean
}

/** Answer while the call rings, and Decline until one was pressed; whoever is a contact can be told something with that. */
export function CallActions({ call, ask, held = false }: Props) {
  if (!canDecline(call)) return null
  const buttons = (
    <div class="call-actions">
      {rings(call) && (
        <CommandButton
          class="button--primary"
          label={`Answer ${isolated(call.from)}`}
          held={held}
          run={() => ask('answer', { call: call.id })}
        >
          Answer
        </CommandButton>
      )}
      <CommandButton
        class="button--danger"
        label={`Decline ${isolated(call.from)}`}
        held={held}
        run={() => ask('decline', { call: call.id })}
      >
        Decline
      </CommandButton>
    </div>
  )
  return call.contact == null ? (
    buttons
  ) : (
    <>
      {buttons}
      <DeclineWithAnswer call={call} ask={ask} held={held} />
    </>
  )
}
