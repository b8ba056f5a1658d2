import type { Gap } from '../../../messages/state.ts'
import type { Gap as ToldGap } from '../../../protocol/connection.ts'

/** As many as fit a popup beside all else that it may show. */
const most = 2

/**
 * Adds a gap that the server told of. Beyond two, the older ones are told as one ("3 times, … to …"), so
 * that no call that was missed in one of them goes untold.
 */
export function addGap(gaps: readonly Gap[], told: ToldGap): readonly Gap[] {
  const all = [...gaps, { ...told, stretches: 1 }]
  const [first, second, ...others] = all
  return all.length > most && first && second ? [together(first, second), ...others] : all
}

const together = (a: Gap, b: Gap): Gap => ({
  from: Math.min(a.from, b.from),
  until: Math.max(a.until, b.until),
  stretches: a.stretches + b.stretches,
  missed: a.missed + b.missed,
  recorded: a.recorded && b.recorded,
})
