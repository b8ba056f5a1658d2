import { agoWording } from './time-wording.ts'
import { useAge } from './use-age.ts'

interface Props {
  /** When the proof was asked for, in milliseconds since 1970. */
  readonly confirmedAt: number
}

/** Outside every live region: a screen reader reads it when asked, not each second. */
export const Freshness = ({ confirmedAt }: Props) => (
  <p class="status-more">Confirmed {agoWording(useAge(confirmedAt))}</p>
)
