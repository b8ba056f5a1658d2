import { useLayoutEffect, useRef } from 'preact/hooks'
import { isolated } from '../messages/isolated.ts'
import type { ReachabilityState } from '../messages/state.ts'
import { unreachableSentence } from '../messages/unreachable-reasons.ts'
import { CommandButton } from './CommandButton.tsx'
import { OptionsLink, toServer } from './OptionsLink.tsx'
import type { Asker } from './page-props.ts'
import { type Mend, reasonFor } from './reasons.ts'
import { Shape } from './Shape.tsx'
import type { ShapeName } from './shapes.ts'
import { agoWording } from './time-wording.ts'
import { useAge } from './use-tick.ts'
import './StatusPanel.css'

interface Props {
  readonly reachability: ReachabilityState
  readonly name: string
  readonly ask: Asker
}

/** The badge's shape, the one sentence that it means, how fresh the proof is, or what mends it. */
export function StatusPanel({ reachability, name, ask }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => heading.current?.focus(), [])
  const { shape, sentence } = statusView(reachability, name)
  const reason = reachability.kind === 'unreachable' ? reasonFor(reachability.why) : undefined
  return (
    <section class="status" data-status={shape}>
      <Shape name={shape} size={40} />
      <div class="status-words">
        <div role="status">
          <h1 ref={heading} tabIndex={-1} class="status-sentence">
            {sentence}
          </h1>
        </div>
        {reachability.kind === 'reachable' && <Freshness confirmedAt={reachability.confirmedAt} />}
        {reason?.more && <p class="status-more">{reason.more}</p>}
        {reason && <MendAction mend={reason.mend} ask={ask} />}
      </div>
    </section>
  )
}

interface StatusView {
  readonly shape: Extract<ShapeName, 'reachable' | 'checking' | 'unreachable'>
  readonly sentence: string
}

/** The badge's shape and its one sentence. Nothing but a proof draws the reachable shape or says its words. */
export function statusView(reachability: ReachabilityState, name: string): StatusView {
  switch (reachability.kind) {
    case 'reachable':
      return { shape: 'reachable', sentence: `Calls can reach you, ${isolated(name)}.` }
    case 'checking':
      return { shape: 'checking', sentence: 'Checking whether calls can reach you…' }
    case 'unreachable':
      return {
        shape: 'unreachable',
        sentence: `${unreachableSentence(reachability.why)}.`,
      }
  }
}

/** Outside every live region: a screen reader reads it when asked, not each second. */
const Freshness = ({ confirmedAt }: { readonly confirmedAt: number }) => (
  <p class="status-more">Confirmed {agoWording(useAge(confirmedAt))}</p>
)

/** The one action that mends an unreachable state, or the words that stand in for it. */
function MendAction({ mend, ask }: { readonly mend: Mend; readonly ask: Asker }) {
  switch (mend.kind) {
    case 'try-now':
      return (
        <CommandButton class="button--primary" run={() => ask('try-now', {})}>
          Try now
        </CommandButton>
      )
    case 'check-server':
      return (
        <OptionsLink class="button button--primary" to={toServer}>
          Check the server address
        </OptionsLink>
      )
    case 'wait':
    case 'advice':
      return <p class="status-more">{mend.sentence}</p>
    case 'log-in':
      // The popup draws the login form in this panel's place.
      return null
  }
}
