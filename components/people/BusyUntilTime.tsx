import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Asker } from '../page-props.ts'
import { untilWording } from '../time-wording.ts'
import { whatFailed } from './people-failure.ts'
import './BusyUntilTime.css'

const minute = 60_000

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

interface Props {
  readonly ask: Asker
  readonly back: () => void
  readonly done: () => void
}

/** Asks at which time busy ends. It is no part of the menu, whose arrows would change the time. */
export function BusyUntilTime({ ask, back, done }: Props) {
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
