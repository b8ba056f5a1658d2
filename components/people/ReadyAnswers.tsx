import { useRef, useState } from 'preact/hooks'
import { isolated } from '../../messages/isolated.ts'
import { longestAnswer } from '../../messages/people.ts'
import type { IncomingCall } from '../../messages/state.ts'
import { CommandButton } from '../CommandButton.tsx'
import type { Asker } from '../page-props.ts'
import './ReadyAnswers.css'

interface Props {
  readonly call: IncomingCall
  readonly ask: Asker
  /** What is pressed now was meant for something else. */
  readonly held: boolean
}

const ready = ['I’ll call you back', 'In a meeting'] as const

/** Declines with a few words, which the caller reads at once. */
export function ReadyAnswers({ call, ask, held }: Props) {
  const [text, setText] = useState('')
  const sent = useRef(false)
  const decline = async (answer: string) => {
    if (held || sent.current) return
    sent.current = true
    await ask('decline', { call: call.id, answer }).catch(() => {
      sent.current = false
    })
  }
  const over = text.trim().length - longestAnswer
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields.
    <div class="ready-answers" role="group" aria-label={`Answers to ${isolated(call.from)}`}>
      {ready.map((answer) => (
        <CommandButton
          key={answer}
          class="button--small ready-answer"
          held={held}
          run={() => decline(answer)}
        >
          {answer}
        </CommandButton>
      ))}
      <form
        class="ready-own"
        onSubmit={(event) => {
          event.preventDefault()
          if (text.trim() !== '' && over <= 0) void decline(text.trim())
        }}
      >
        <input
          type="text"
          dir="auto"
          aria-label="An answer of your own"
          placeholder="An answer of your own"
          autoComplete="off"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button
          type="submit"
          class="button button--small"
          aria-label="Send this answer, and decline"
          aria-disabled={text.trim() === '' || over > 0}
        >
          Send
        </button>
      </form>
      {over > 0 && (
        <p role="alert" class="field-error">
          {over} characters too many
        </p>
      )}
    </div>
  )
}
