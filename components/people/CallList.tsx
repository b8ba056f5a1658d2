import { useEffect, useRef, useState } from 'preact/hooks'
import { isolated } from '../../messages/isolated.ts'
import { momentWording } from '../../messages/moment-wording.ts'
import type { PastCallView } from '../../messages/people.ts'
import { CommandButton } from '../CommandButton.tsx'
import type { Asker } from '../page-props.ts'
import { Icon } from './Icon.tsx'
import { pastCallWording, wasMissed } from './past-call-wording.ts'
import './CallList.css'

interface Props {
  /** Another one than before says that the list has changed. */
  readonly version: number
  readonly ask: Asker
  readonly open: (contact: string) => void
}

interface Listed {
  readonly calls: readonly PastCallView[]
  readonly more: boolean
}

/** Which calls of the list are shown. What the blocked did stands apart from what was missed. */
const filters = {
  All: ({ blocked }: PastCallView) => !blocked,
  Missed: wasMissed,
  Blocked: ({ blocked }: PastCallView) => blocked,
} as const
type Filter = keyof typeof filters

const nothing = { All: 'No calls yet.', Missed: 'No missed calls.', Blocked: 'No calls of blocked people.' }
const listName = { All: 'Calls', Missed: 'Missed calls', Blocked: 'Calls of blocked people' }

/** The calls that there were, newest first: who, when, and how they came out. */
export function CallList({ version, ask, open }: Props) {
  const [listed, setListed] = useState<Listed>()
  const [failure, setFailure] = useState<string>()
  const [filter, setFilter] = useState<Filter>('All')
  const newest = useRef(0)

  const load = async (before: number | null) => {
    newest.current += 1
    const mine = newest.current
    const reply = await ask('list-calls', { before }).catch(() => undefined)
    if (mine !== newest.current) return
    if (!reply?.ok) return setFailure(reply?.message ?? 'Reachable was interrupted. Try again.')
    setFailure(undefined)
    setListed((known) => ({
      calls: joined(known?.calls ?? [], reply.calls, before),
      more: moreOf(known, reply, before),
    }))
  }
  useEffect(() => void load(null), [version, ask])

  const calls = listed?.calls ?? []
  const shown = calls.filter(filters[filter])
  const offered: readonly Filter[] =
    filter === 'Blocked' || calls.some(filters.Blocked) ? ['All', 'Missed', 'Blocked'] : ['All', 'Missed']
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields. */}
      <div class="call-filter" role="group" aria-label="Which calls">
        {offered.map((name) => (
          <button
            key={name}
            type="button"
            class="chip"
            aria-pressed={filter === name}
            onClick={() => setFilter(name)}
          >
            {name}
          </button>
        ))}
      </div>
      {failure !== undefined && (
        <div class="people-problem">
          <span role="alert">{failure}</span>
          <CommandButton class="button--small" run={() => load(null)}>
            Try again
          </CommandButton>
        </div>
      )}
      {!listed && failure === undefined && <div class="people-loading" aria-busy="true" />}
      {listed && shown.length === 0 && <p class="nobody">{nothing[filter]}</p>}
      {shown.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by its focus.
        <ul class="past-calls" aria-label={listName[filter]} tabIndex={0}>
          {shown.map((call) => (
            <PastCall key={call.id} call={call} now={Date.now()} ask={ask} open={open} />
          ))}
          {listed?.more && (
            <li class="past-more">
              <CommandButton class="button--small button--bare" run={() => load(calls.at(-1)?.at ?? null)}>
                Show earlier calls
              </CommandButton>
            </li>
          )}
        </ul>
      )}
      {shown.length === 0 && listed?.more && (
        <CommandButton class="button--small" run={() => load(calls.at(-1)?.at ?? null)}>
          Look further back
        </CommandButton>
      )}
    </>
  )
}

/** What was asked for anew takes the place of what it overlaps; what is older stays. Each is in it once. */
function joined(
  known: readonly PastCallView[],
  told: readonly PastCallView[],
  before: number | null,
): readonly PastCallView[] {
  const ids = new Set(told.map(({ id }) => id))
  const oldest = told.at(-1)?.at ?? Number.POSITIVE_INFINITY
  const others = known.filter(({ id, at }) => !ids.has(id) && (before !== null || at < oldest))
  return before === null ? [...told, ...others] : [...others, ...told]
}

/** Whether there are older ones than all that is known. */
const moreOf = (known: Listed | undefined, told: Listed, before: number | null): boolean =>
  before === null && known && known.calls.length > told.calls.length ? known.more : told.more

interface CallProps {
  readonly call: PastCallView
  readonly now: number
  readonly ask: Asker
  readonly open: (contact: string) => void
}

function PastCall({ call, now, ask, open }: CallProps) {
  const { contact, direction, at } = call
  const name = isolated(call.name)
  return (
    <li class={wasMissed(call) ? 'past-call past-call--missed' : 'past-call'}>
      <span class="past-sign" title={direction === 'in' ? 'They called' : 'You called'}>
        <Icon name={direction} size={18} />
      </span>
      <span class="past-words">
        <span class="past-name">
          <span class="for-readers">{direction === 'in' ? 'From ' : 'To '}</span>
          <bdi title={call.name}>{call.name}</bdi>
        </span>
        <span class="past-how">
          <time dateTime={new Date(at).toISOString()}>{momentWording(at, now)}</time> ·{' '}
          {pastCallWording(call)}
        </span>
      </span>
      {contact !== null && (
        <>
          {!call.blocked && (
            <button
              type="button"
              class="icon-button"
              aria-label={`Call ${name}`}
              onClick={() => void ask('call-contact', { contact }).catch(() => undefined)}
            >
              <Icon name="call" />
            </button>
          )}
          <button
            type="button"
            class="icon-button"
            aria-label={`${call.blocked ? 'Messages of' : 'Message'} ${name}`}
            onClick={() => open(contact)}
          >
            <Icon name="message" />
          </button>
        </>
      )}
    </li>
  )
}
