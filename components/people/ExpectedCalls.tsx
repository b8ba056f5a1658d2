import { useState } from 'preact/hooks'
import { isolated } from '../../messages/isolated.ts'
import { momentInSentence } from '../../messages/moment-wording.ts'
import type { ExpectedCallView } from '../../messages/people.ts'
import { CommandButton } from '../CommandButton.tsx'
import type { Asker } from '../page-props.ts'
import { untilWording } from '../time-wording.ts'
import { useMoment } from '../use-tick.ts'
import { Icon } from './Icon.tsx'
import { whatFailed } from './people-failure.ts'
import './ExpectedCalls.css'

interface Props {
  /** Soonest first. */
  readonly expected: readonly ExpectedCallView[]
  /** So many are shown; the rest is counted. */
  readonly most: number
  readonly ask: Asker
}

/** The calls that somebody has announced, and those that this person announced to others. */
export function ExpectedCalls({ expected, most, ask }: Props) {
  const [failure, setFailure] = useState<string>()
  const now = Date.now()
  useMoment(expected.find(({ at }) => at > now)?.at ?? null)
  const others = expected.length - most
  return (
    <div class="expected">
      <ul aria-label="Expected calls">
        {expected.slice(0, most).map((call) => (
          <li key={call.id} class="expected-call" data-risk={call.risk}>
            <Icon name="wait" size={18} />
            <div class="expected-words">
              <p>
                <Sentence call={call} now={now} />
              </p>
              <p role="status" class="expected-risk">
                {call.risk && risks[call.at < now ? 'late' : 'soon'][call.risk]}
              </p>
            </div>
            <CommandButton
              class="button--small button--bare expected-off"
              label={`Not any more: the call ${call.mine ? 'to' : 'from'} ${isolated(call.by)}`}
              run={async () =>
                setFailure(await whatFailed(() => ask('cancel-expected', { expected: call.id })))
              }
            >
              <Icon name="close" size={14} />
            </CommandButton>
          </li>
        ))}
      </ul>
      {others > 0 && <p class="quiet expected-others">and {others} more</p>}
      <p role="alert" class="field-error">
        {failure}
      </p>
    </div>
  )
}

/** Before its moment, and after it, when it may still come. */
const risks = {
  soon: {
    unproven: 'It might not reach you: nothing proves that calls get through now.',
    busy: 'It would not ring: you are busy then.',
  },
  late: {
    unproven: 'If it comes now, it might not reach you: nothing proves that calls get through.',
    busy: 'If it comes now, it does not ring: you are busy.',
  },
} as const

function Sentence({
  call: { at, by, mine },
  now,
}: {
  readonly call: ExpectedCallView
  readonly now: number
}) {
  const past = at < now
  const time = <strong>{past ? momentInSentence(at, now) : untilWording(at, now)}</strong>
  const who = <bdi>{by}</bdi>
  if (mine)
    return past ? (
      <>
        You were to call {who} at {time}
      </>
    ) : (
      <>
        You call {who} at {time}
      </>
    )
  return (
    <>
      A call from {who} {past ? 'was' : 'is'} expected at {time}
    </>
  )
}
