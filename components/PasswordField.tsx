import { useEffect } from 'preact/hooks'
import { Field, type FieldProps } from './Field.tsx'

interface Props extends Omit<FieldProps, 'label' | 'type' | 'autoComplete' | 'end'> {
  /** Whether the letters can be read. */
  readonly shown: boolean
  readonly onShown: (shown: boolean) => void
}

/** A password that can be looked at while it is typed. Whoever sends it or leaves hides it again. */
export function PasswordField({ shown, onShown, ...field }: Props) {
  useEffect(() => {
    const hide = () => onShown(false)
    window.addEventListener('pagehide', hide)
    return () => window.removeEventListener('pagehide', hide)
  }, [onShown])
  return (
    <Field
      {...field}
      label="Password"
      type={shown ? 'text' : 'password'}
      autoComplete="current-password"
      end={
        <button
          type="button"
          class="field-end"
          aria-label="Show password"
          title="Show password"
          aria-pressed={shown}
          // The cursor stays in the field for whoever points; the keyboard comes here by Tab.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onShown(!shown)}
        >
          <svg viewBox="0 0 20 20" width={20} height={20} aria-hidden="true">
            <path d="M1.6 10S4.7 4.3 10 4.3s8.4 5.7 8.4 5.7-3.1 5.7-8.4 5.7S1.6 10 1.6 10z" />
            <circle cx="10" cy="10" r="2.5" />
            {shown && <path d="M3.6 16.4 16.4 3.6" />}
          </svg>
        </button>
      }
    />
  )
}
