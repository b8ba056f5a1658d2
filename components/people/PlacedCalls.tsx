import { useState } from 'preact/hooks'
import { isolated } from '../../messages/isolated.ts'
import type { PlacedCallView } from '../../messages/people.ts'
import { CommandButton } from '../CommandButton.tsx'
import type { Asker } from '../page-props.ts'
import { useTick } from '../use-tick.ts'
import { whatFailed } from './people-failure.ts'
import { isPlacedOver, placedWording } from './placed-call-wording.ts'
import '../CallCards.css'

interface Props {
  readonly placed: readonly PlacedCallView[]
  readonly ask: Asker
}

/** The calls that this person has placed and that go on, in the popup. */
export const PlacedCalls = ({ placed, ask }: Props) => (
  <>
    {placed
      .filter((call) => !isPlacedOver(call))
      .map((call) => (
        <PlacedCall key={call.key} call={call} ask={ask} />
      ))}
  </>
)

function PlacedCall({ call, ask }: { readonly call: PlacedCallView; readonly ask: Asker }) {
  useTick(1_000)
  const [failure, setFailure] = useState<string>()
  const name = isolated(call.name)
  const cancel = async () => setFailure(await whatFailed(() => ask('cancel-placed-call', { key: call.key })))
  return (
    <section class="call-card" data-rings={call.phase.kind === 'ringing'} aria-label={`Your call to ${name}`}>
      <div class="call-who">
        <strong>
          <bdi>{call.name}</bdi>
        </strong>
        <span>{placedWording(call, Date.now())}</span>
      </div>
      <CommandButton class="button--danger button--small" label={`Cancel the call to ${name}`} run={cancel}>
        Cancel
      </CommandButton>
      {failure !== undefined && (
        <p role="alert" class="field-error call-failure">
          {failure}
        </p>
      )}
    </section>
  )
}
