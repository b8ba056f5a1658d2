import { useLayoutEffect, useRef } from 'preact/hooks'
import type { ReachabilityState } from '../messages/state.ts'
import { Freshness } from './Freshness.tsx'
import { MendAction } from './MendAction.tsx'
import type { Asker } from './page-props.ts'
import { reasonFor } from './reasons.ts'
import { Shape } from './Shape.tsx'
import { statusView } from './status-view.ts'
import './StatusPanel.css'

interface Props {
  readonly reachability: ReachabilityState
  readonly name: string
  readonly ask: Asker
}

/** The light, the one sentence that it means, how fresh the proof is, or what mends it. */
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
