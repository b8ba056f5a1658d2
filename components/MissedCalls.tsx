import { useState } from 'preact/hooks'
import type { MissedCall } from '../messages/state.ts'
import { CommandButton } from './CommandButton.tsx'
import type { Asker } from './page-props.ts'
import { momentWording } from './time-wording.ts'
import './MissedCalls.css'

interface Props {
  readonly missed: readonly MissedCall[]
  readonly now: number
  readonly ask: Asker
  readonly perPage: number
}

export function MissedCalls({ missed, now, ask, perPage }: Props) {
  const [wanted, setWanted] = useState(0)
  const last = Math.max(0, Math.ceil(missed.length / perPage) - 1)
  const page = Math.min(wanted, last)
  if (missed.length === 0) return null
  const from = page * perPage
  const shown = missed.slice(from, from + perPage)
  return (
    <section class="missed" aria-labelledby="missed-heading">
      <header class="missed-head">
        <h2 id="missed-heading">
          {missed.length} missed {missed.length === 1 ? 'call' : 'calls'}
        </h2>
        <CommandButton
          class="button--small"
          run={() => ask('missed-seen', { calls: missed.map(({ id }) => id) })}
        >
          Mark as seen
        </CommandButton>
      </header>
      <ul class="missed-list">
        {shown.map((call) => (
          <li key={call.id}>
            <bdi class="missed-from">{call.from}</bdi>
            <time dateTime={new Date(call.at).toISOString()}>{momentWording(call.at, now)}</time>
          </li>
        ))}
      </ul>
      {last > 0 && (
        <nav class="missed-pages" aria-label="Missed calls">
          <button
            type="button"
            class="button button--small"
            aria-disabled={page === 0}
            onClick={() => setWanted(Math.max(0, page - 1))}
          >
            Newer
          </button>
          <span role="status">
            {from + 1}–{from + shown.length} of {missed.length}
          </span>
          <button
            type="button"
            class="button button--small"
            aria-disabled={page === last}
            onClick={() => setWanted(Math.min(last, page + 1))}
          >
            Older
          </button>
        </nav>
      )}
    </section>
  )
}
