import type { ComponentChildren, Ref } from 'preact'
import { useId } from 'preact/hooks'
import './Field.css'

export interface FieldProps {
  readonly label: string
  readonly type: 'text' | 'password'
  readonly autoComplete: 'username' | 'current-password' | 'url' | 'off'
  readonly value: string
  readonly onValue: (value: string) => void
  readonly hint?: ComponentChildren
  /** What is wrong with it, in one sentence. */
  readonly error: string | undefined
  readonly inputRef: Ref<HTMLInputElement>
  /** A button within the field, at its end. */
  readonly end?: ComponentChildren
}

/** A labelled text field whose hint and error belong to it for screen readers too. */
export function Field(props: FieldProps) {
  const { label, type, autoComplete, value, onValue, hint, error, inputRef, end } = props
  const id = useId()
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ')
  // Preact's types know each kind of input apart, so the kind is chosen before it is spread.
  const kind = type === 'password' ? ({ type: 'password' } as const) : ({ type: 'text' } as const)
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-box">
        <input
          id={id}
          ref={inputRef}
          {...kind}
          autoComplete={autoComplete}
          autoCapitalize="none"
          spellcheck={false}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
          aria-invalid={error !== undefined}
          {...(described && { 'aria-describedby': described })}
        />
        {end}
      </div>
      <div role="alert" id={`${id}-error`} class="field-error">
        {error}
      </div>
      {hint && (
        <p id={`${id}-hint`} class="field-hint">
          {hint}
        </p>
      )}
    </div>
  )
}
