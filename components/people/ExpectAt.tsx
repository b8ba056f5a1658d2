import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isolated } from '../../messages/isolated.ts'
import type { ContactView } from '../../messages/people.ts'
import type { Asker } from '../page-props.ts'
import { whatFailed } from './people-failure.ts'
import './ExpectAt.css'

interface Props {
  readonly contact: Pick<ContactView, 'id' | 'name'>
  readonly ask: Asker
  /** It was said, or is not to be. */
  readonly close: () => void
}

const quarter = 15 * 60_000

/** Tells a contact when this person will call them, so that they see to it that the call reaches them. */
export function ExpectAt({ contact, ask, close }: Props) {
  const [time, setTime] = useState(() => fieldValue(Math.ceil((Date.now() + quarter) / quarter) * quarter))
  const [failure, setFailure] = useState<string>()
  const [pending, setPending] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => field.current?.focus(), [])
  const submit = async (event: Event) => {
    event.preventDefault()
    if (pending) return
    // A field for days and times has local time, as Date takes it from such a text.
    const at = new Date(time).getTime()
    if (!(at > Date.now())) {
      setFailure('Choose a time that is still to come.')
      return field.current?.focus()
    }
    setPending(true)
    const failed = await whatFailed(() => ask('expect-call', { contact: contact.id, at }))
    setPending(false)
    setFailure(failed)
    if (failed === undefined) close()
  }
  const onKey = (event: KeyboardEvent) => {
    // The arrows are the field's, not the list's around it.
    event.stopPropagation()
    if (event.key !== 'Escape') return
    // Left alone it would close the whole popup.
    event.preventDefault()
    close()
  }
  return (
    <form
      class="expect-at"
      aria-label="Announce a call"
      onKeyDown={onKey}
      onSubmit={(event) => void submit(event)}
      noValidate
    >
      <label for="expect-at">I will call {isolated(contact.name)} at</label>
      <div class="field">
        <input
          id="expect-at"
          type="datetime-local"
          min={fieldValue(Date.now())}
          value={time}
          ref={field}
          aria-describedby="expect-at-hint expect-at-error"
          aria-invalid={failure !== undefined}
          onInput={(event) => {
            setTime(event.currentTarget.value)
            setFailure(undefined)
          }}
        />
      </div>
      <p id="expect-at-hint" class="field-hint">
        They see it, and are warned if the call might not reach them then.
      </p>
      <div role="alert" id="expect-at-error" class="field-error">
        {failure}
      </div>
      <div class="expect-actions">
        <button type="submit" class="button button--primary button--small" aria-disabled={pending}>
          Tell them
        </button>
        <button type="button" class="button button--small" onClick={close}>
          Cancel
        </button>
      </div>
    </form>
  )
}

/** A moment (ms since 1970) as a field for days and times takes it, in local time: `2026-11-26T14:00`. */
function fieldValue(at: number): string {
  const date = new Date(at)
  const two = (part: number) => String(part).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`
}
