import type { Gap } from '../messages/state.ts'
import { CommandButton } from './CommandButton.tsx'
import type { Asker } from './page-props.ts'
import { stretchWording } from './time-wording.ts'
import './GapNotice.css'

interface Props {
  readonly gap: Gap
  readonly now: number
  readonly ask: Asker
}

const callsWording = (missed: number) =>
  missed === 0 ? 'no call missed' : `${missed} ${missed === 1 ? 'call' : 'calls'} missed`

/** What happened while nobody could be reached here, by the server's records (T8). */
export const GapNotice = ({ gap, now, ask }: Props) => (
  <section class="gap" aria-label="While you could not be reached">
    <p>
      Unreachable {stretchWording(gap.from, gap.until, now)}; {callsWording(gap.missed)}
    </p>
    <CommandButton class="button--small button--bare" run={() => ask('gap-seen', {})}>
      Dismiss
    </CommandButton>
  </section>
)
