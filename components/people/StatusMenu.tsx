import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { startOfDay } from '../../messages/moment-wording.ts'
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

const minute = 60_000

/** When "tomorrow" begins for who is not to be called in the night: an hour of the day. */
const morning = 8

/** A choice of when busy ends, and what it means now. */
function busyChoices(now: number): readonly { readonly label: string; readonly until: number }[] {
  const tomorrow = new Date(startOfDay(new Date(now), -1))
  tomorrow.setHours(morning)
  return [
    { label: '30 minutes', until: now + 30 * minute },
    { label: '1 hour', until: now + 60 * minute },
    { label: '2 hours', until: now + 120 * minute },
    { label: 'Until tomorrow', until: tomorrow.getTime() },
  ]
}

/**
 * When it is next so late: today, or tomorrow where that has passed.
 *
 * @param time as a field for times has it, `14:00`; undefined comes of anything else.
 */
export function nextTime(time: string, now: number): number | undefined {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)/.exec(time) ?? []
  if (hours === undefined || minutes === undefined) return undefined
  const at = new Date(now)
  at.setHours(Number(hours), Number(minutes), 0, 0)
  if (at.getTime() <= now) at.setDate(at.getDate() + 1)
  return at.getTime()
}

/** The statuses, of which one is chosen, as the first items of the account's menu; busy asks until when. */
export function StatusMenu({ status, ask, page, go, done }: Props) {
  const now = Date.now()
  const [failure, setFailure] = useState<string>()
  const [wanted, setWanted] = useState<ChosenStatus>()
  const chosen = chosenNow(status, now)
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
                {one === 'busy' && chosen === 'busy' && status.until !== null && (
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
          {busyChoices(now).map(({ label, until }) => (
            <button
              key={label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              onClick={() => void set('busy', until)}
            >
              <span class="status-menu-words">{label}</span>
              <span class="status-menu-end">{untilWording(until, now).replace(/^tomorrow /, '')}</span>
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

interface TimeProps {
  readonly ask: Asker
  readonly back: () => void
  readonly done: () => void
}

/** Asks at which time busy ends. It is no part of the menu, whose arrows would change the time. */
export function BusyUntilTime({ ask, back, done }: TimeProps) {
  const [time, setTime] = useState(() => clockValue(Date.now() + 60 * minute))
  const [failure, setFailure] = useState<string>()
  const [pending, setPending] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => field.current?.focus(), [])
  const now = Date.now()
  const until = nextTime(time, now)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (pending) return
    if (until === undefined) return setFailure('Enter a time.')
    setPending(true)
    const failed = await whatFailed(() => ask('set-status', { status: 'busy', until }))
    setPending(false)
    setFailure(failed)
    if (failed === undefined) done()
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    // Left alone it would close the whole popup.
    event.preventDefault()
    back()
  }
  return (
    <form class="busy-time" onKeyDown={onKey} onSubmit={(event) => void submit(event)} noValidate>
      <label for="busy-until">Busy until</label>
      <div class="field busy-time-row">
        <input
          id="busy-until"
          type="time"
          value={time}
          ref={field}
          aria-describedby="busy-until-day busy-until-error"
          aria-invalid={failure !== undefined}
          onInput={(event) => {
            setTime(event.currentTarget.value)
            setFailure(undefined)
          }}
        />
        <button type="submit" class="button button--primary" aria-disabled={pending}>
          Set
        </button>
      </div>
      <p id="busy-until-day" class="field-hint">
        {until === undefined ? ' ' : `Calls are kept until ${untilWording(until, now)}.`}
      </p>
      <div role="alert" id="busy-until-error" class="field-error">
        {failure}
      </div>
      <button type="button" class="link" onClick={back}>
        Back
      </button>
    </form>
  )
}

/** A moment as a field for times takes it, in local time. */
function clockValue(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':')
}

/** The status as it is: a busy that has ended is none. */
export const chosenNow = ({ chosen, until }: PeopleState['status'], now: number): ChosenStatus =>
  chosen === 'busy' && until !== null && until <= now ? 'available' : chosen

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
