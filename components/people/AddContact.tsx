import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Field } from '../Field.tsx'
import type { Asker } from '../page-props.ts'
import { whatFailed } from './people-failure.ts'
import './AddContact.css'

interface Props {
  readonly ask: Asker
  readonly close: () => void
}

/** Asks somebody to be a contact. Whether there is such a person is not told: nobody may find out that way who is. */
export function AddContact({ ask, close }: Props) {
  const [login, setLogin] = useState('')
  const [error, setError] = useState<string>()
  const [asked, setAsked] = useState<string>()
  const [pending, setPending] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => input.current?.focus(), [])

  const submit = async (event: Event) => {
    event.preventDefault()
    if (pending) return
    const typed = login.trim()
    setAsked(undefined)
    if (typed === '') {
      setError('Enter a username or an email address.')
      input.current?.focus()
      return
    }
    setPending(true)
    const failed = await whatFailed(() => ask('ask-contact', { login: typed }))
    setPending(false)
    setError(failed)
    if (failed !== undefined) return input.current?.focus()
    setAsked(typed)
    setLogin('')
    input.current?.focus()
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    // Left alone it would close the whole popup.
    event.preventDefault()
    close()
  }
  return (
    <form
      class="add-contact"
      aria-label="Add a contact"
      noValidate
      onSubmit={(event) => void submit(event)}
      onKeyDown={onKey}
    >
      <Field
        label="Username or email"
        type="text"
        autoComplete="off"
        value={login}
        onValue={(value) => {
          setLogin(value)
          setError(undefined)
        }}
        error={error}
        inputRef={input}
      />
      <p role="status" class={asked === undefined ? 'add-asked add-asked--none' : 'add-asked'}>
        {asked !== undefined && (
          <>
            Asked. If somebody has the name <bdi>“{asked}”</bdi>, they see it and can accept.
          </>
        )}
      </p>
      <div class="add-actions">
        <button type="submit" class="button button--primary" aria-disabled={pending}>
          Ask
        </button>
        <button type="button" class="button" onClick={close}>
          {asked === undefined ? 'Cancel' : 'Close'}
        </button>
      </div>
    </form>
  )
}
