import { isolated } from '../../messages/isolated.ts'
import { momentInSentence } from '../../messages/moment-wording.ts'
import type { ExpectedCallView } from '../../messages/people.ts'
import { CommandButton } from '../CommandButton.tsx'
import type { Asker } from '../page-props.ts'
import { untilWording } from '../time-wording.ts'
import { Icon } from './Icon.tsx'
import './ExpectedCalls.css'

interface Props {
  /** Soonest first. */
  readonly expected: readonly ExpectedCallView[]
  readonly now: number
  readonly ask: Asker
}

/** So many are shown; the rest is counted. */
const most = 2

/** The calls that somebody has announced. */
export function ExpectedCalls({ expected, now, ask }: Props) {
  if (expected.length === 0) return null
  const others = expected.length - most
  return (
    <section class="expected" aria-label="Expected calls">
      <ul>
        {expected.slice(0, most).map(({ id, at, by }) => (
          <li key={id} class="expected-call">
            <Icon name="wait" size={18} />
            <p>
              A call from <bdi>{by}</bdi> is expected {at < now ? 'since ' : 'at '}
              <strong>{at < now ? momentInSentence(at, now) : untilWording(at, now)}</strong>
            </p>
            <CommandButton
              class="button--small button--bare expected-off"
              label={`Not any more: the call from ${isolated(by)}`}
              run={() => ask('cancel-expected', { expected: id })}
            >
              <Icon name="close" size={14} />
            </CommandButton>
          </li>
        ))}
      </ul>
      {others > 0 && <p class="quiet expected-others">and {others} more</p>}
    </section>
  )
}
