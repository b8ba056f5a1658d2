import { useState } from 'preact/hooks'
import { busyEnds } from '../../messages/busy-ends.ts'
import type { ChosenStatus, PeopleState } from '../../messages/people.ts'
import type { Asker } from '../page-props.ts'
import { Shape } from '../Shape.tsx'
import type { PresenceShapeName } from '../shapes.ts'
import { untilWording } from '../time-wording.ts'
import { whatFailed } from './people-failure.ts'
import { statusWording } from './presence-wording.ts'
import './StatusMenu.css'

interface Props {
  readonly status: PeopleState['status']
  readonly ask: Asker
  /** Which page of the menu is shown. */
  readonly page: StatusPage
  readonly go: (page: StatusPage) => void
  /** It is done: the menu closes. */
  readonly done: () => void
}

/** All items; until when to be busy; at which time. */
export type StatusPage = '' | 'busy' | 'time'

const shapes: Readonly<Record<ChosenStatus, PresenceShapeName>> = {
  available: 'available',
  away: 'away',
  busy: 'busy',
  invisible: 'offline',
}

const hints: Readonly<Partial<Record<ChosenStatus, string>>> = {
  invisible: 'You look offline; calls still ring',
}

/** As an item of its own: `30 minutes`, `Until tomorrow`. */
const itemWording = (wording: string) => wording.replace(/^for /, '').replace(/^until/, 'Until')

/** The statuses, of which one is chosen, as the first items of the account's menu; busy asks until when. */
export function StatusMenu({ status, ask, page, go, done }: Props) {
  const now = Date.now()
  const [failure, setFailure] = useState<string>()
  const [wanted, setWanted] = useState<ChosenStatus>()
  const chosen = status && chosenNow(status, now)
  const set = async (next: ChosenStatus, until: number | null) => {
    if (wanted) return
    setWanted(next)
    const failed = await whatFailed(() => ask('set-status', { status: next, until }))
    setWanted(undefined)
    setFailure(failed)
    if (failed === undefined) done()
  }
  return (
    <>
      {page === '' && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a menu.
        <div role="group" aria-label="Status" class="status-menu">
          {(Object.keys(statusWording) as ChosenStatus[]).map((one) => (
            <button
              key={one}
              type="button"
              role="menuitemradio"
              tabIndex={-1}
              aria-checked={one === (wanted ?? chosen)}
              aria-haspopup={one === 'busy' ? 'menu' : undefined}
              onClick={() => (one === 'busy' ? go('busy') : void set(one, null))}
            >
              <Shape name={shapes[one]} size={16} />
              <span class="status-menu-words">
                {statusWording[one]}
                {one === 'busy' && '…'}
                {hints[one] && <small>{hints[one]}</small>}
                {one === 'busy' && chosen === 'busy' && status?.until != null && (
                  <small>until {untilWording(status.until, now)}</small>
                )}
              </span>
              <Tick />
            </button>
          ))}
        </div>
      )}
      {page === 'busy' && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a menu.
        <div role="group" aria-label="Busy until when" class="status-menu">
          <Back go={() => go('')}>Busy until when?</Back>
          {busyEnds.map(({ id, wording, endsAt }) => (
            <button
              key={id}
              type="button"
              role="menuitem"
              tabIndex={-1}
              onClick={() => void set('busy', endsAt(now))}
            >
              <span class="status-menu-words">{itemWording(wording)}</span>
              <span class="status-menu-end">{untilWording(endsAt(now), now).replace(/^tomorrow /, '')}</span>
            </button>
          ))}
          <button
            type="button"
            role="menuitem"
            tabIndex={-1}
            aria-haspopup="dialog"
            onClick={() => go('time')}
          >
            <span class="status-menu-words">Until a time…</span>
          </button>
        </div>
      )}
      {failure !== undefined && (
        <p role="alert" class="field-error status-menu-failure">
          {failure}
        </p>
      )}
    </>
  )
}

/** The status as it is: a busy that has ended is none. */
export const chosenNow = (
  { chosen, until }: NonNullable<PeopleState['status']>,
  now: number,
): ChosenStatus => (chosen === 'busy' && until !== null && until <= now ? 'available' : chosen)

const Back = ({ go, children }: { readonly go: () => void; readonly children: string }) => (
  <button
    type="button"
    role="menuitem"
    tabIndex={-1}
    class="status-menu-back"
    aria-label={`Back from: ${children}`}
    onClick={go}
  >
    <svg viewBox="0 0 16 16" width={16} height={16} aria-hidden="true">
      <path d="M10 3.5 5.5 8l4.5 4.5" />
    </svg>
    <strong>{children}</strong>
  </button>
)

const Tick = () => (
  <svg class="status-menu-tick" viewBox="0 0 16 16" width={16} height={16} aria-hidden="true">
    <path d="m3.5 8.5 3 3 6-7" />
  </svg>
)
