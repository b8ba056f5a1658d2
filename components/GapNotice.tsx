import type { GapSummary } from '../messages/state.ts'
import { CommandButton } from './CommandButton.tsx'
import type { Asker } from './page-props.ts'
import { stretchWording } from './time-wording.ts'
import './GapNotice.css'

interface Props {
  /** Oldest first. */
  readonly gaps: readonly GapSummary[]
  readonly now: number
  readonly ask: Asker
}

/** What was missed, of what could be known (P8): "no call missed" needs a record of the whole stretch. */
function callsWording({ missed, recorded }: GapSummary): string {
  const unrecorded = recorded ? '' : '. Calls made then may not be on record.'
  if (missed > 0) return `; ${missed} ${missed === 1 ? 'call' : 'calls'} missed${unrecorded}`
  return unrecorded || '; no call missed'
}

const gapWording = (gap: GapSummary, now: number) =>
  `Unreachable ${gap.stretches > 1 ? `${gap.stretches} times, ` : ''}${stretchWording(gap.from, gap.until, now)}${callsWording(gap)}`

/** What happened while nobody could be reached here, by the server's records (U4.5). */
export function GapNotice({ gaps, now, ask }: Props) {
  if (gaps.length === 0) return null
  const until = Math.max(...gaps.map((gap) => gap.until))
  return (
    <section class="gap" aria-label="While you could not be reached">
      <div>
        {gaps.map((gap) => (
          <p key={gap.from}>{gapWording(gap, now)}</p>
        ))}
      </div>
      <CommandButton class="button--small button--bare" run={() => ask('dismiss-gaps', { until })}>
        Dismiss
      </CommandButton>
    </section>
  )
}
