import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isolated } from '../../messages/isolated.ts'
import { longestMessage } from '../../messages/people.ts'
import type { Asker } from '../page-props.ts'
import { Icon } from './Icon.tsx'
import { whatFailed } from './people-failure.ts'
import './Composer.css'

interface Props {
  readonly contact: string
  readonly name: string
  /** What was typed before; undefined until it is known. */
  readonly draft: string | undefined
  readonly ask: Asker
  readonly onSent: () => void
}

/** So many characters before the end it is told how many are left. */
const tellFrom = 200

/**
 * Where a message is written. What is typed leaves the field once it is written down as a message, and not before; it is
 * kept meanwhile, also when the page closes.
 */
export function Composer({ contact, name, draft, ask, onSent }: Props) {
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState('')
  const typed = useRef(false)
  const now = useRef(text)
  now.current = text
  const sending = useRef(false)
  /** What was asked for and not answered, by the id that makes it one message however often it is asked for. */
  const unanswered = useRef<{ readonly text: string; readonly key: string } | null>(null)
  const [failure, setFailure] = useState<string>()
  const [isKept, setIsKept] = useState(true)

  const keep = async (next: string) => {
    now.current = next
    setText(next)
    const failed = await whatFailed(() => ask('keep-message-draft', { contact, text: next }))
    if (now.current === next) setIsKept(failed === undefined)
  }
  useEffect(() => {
    if (draft && !typed.current && now.current === '') setText(draft)
  }, [draft])
  useLayoutEffect(() => field.current?.focus({ preventScroll: true }), [])
  useLayoutEffect(() => {
    const { current } = field
    if (!current) return
    current.style.height = 'auto'
    current.style.height = `${current.scrollHeight + 2}px`
  }, [text])

  const over = text.trim().length - longestMessage
  const send = async () => {
    const message = now.current
    if (sending.current || message.trim() === '' || over > 0) return
    sending.current = true
    setFailure(undefined)
    const text = message.trim()
    if (unanswered.current?.text !== text) unanswered.current = { text, key: crypto.randomUUID() }
    const { key } = unanswered.current
    // A worker that died meanwhile may have kept it: the next one is asked by the same id.
    const failed = await whatFailed(() => ask('send-message', { contact, text, key }))
    sending.current = false
    setFailure(failed)
    if (failed !== undefined) return
    unanswered.current = null
    // Whoever typed on keeps what came after.
    if (now.current.startsWith(message)) void keep(now.current.slice(message.length).trimStart())
    onSent()
  }
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      {failure !== undefined && (
        <p role="alert" class="field-error">
          {failure}
        </p>
      )}
      {!isKept && text !== '' && (
        <p role="alert" class="field-error">
          What stands here could not be kept: copy it before you close this.
        </p>
      )}
      {over > -tellFrom && (
        <p id={`${id}-left`} class={over > 0 ? 'field-error' : 'quiet composer-left'}>
          {over > 0 ? `${over} characters too many` : `${-over} characters left`}
        </p>
      )}
      <div class="composer-row">
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          aria-label={`Message to ${isolated(name)}`}
          aria-describedby={over > -tellFrom ? `${id}-left` : undefined}
          aria-invalid={over > 0}
          placeholder="Write a message"
          value={text}
          onInput={(event) => {
            typed.current = true
            void keep(event.currentTarget.value)
          }}
          onKeyDown={(event) => {
            // Enter that ends the choice of a word in Japanese or Chinese sends nothing.
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
            event.preventDefault()
            if (!event.repeat) void send()
          }}
        />
        <button
          type="submit"
          class="composer-send"
          aria-label="Send"
          title="Send (Enter)"
          aria-disabled={text.trim() === '' || over > 0}
        >
          <Icon name="send" />
        </button>
      </div>
    </form>
  )
}
