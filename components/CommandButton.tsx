import type { ComponentChildren } from 'preact'
import { useCommand } from './use-command.ts'

interface Props {
  readonly run: () => Promise<unknown>
  readonly class?: string
  readonly children: ComponentChildren
  /** Said by screen readers where the visible word alone is not enough; must contain it. */
  readonly label?: string
  readonly describedBy?: string
  /** A press does nothing yet, which is shown. */
  readonly held?: boolean
  /** For a button that switches something on and off. */
  readonly pressed?: boolean
}

/** A button that asks once. It stays focusable while the answer is awaited, so that focus is not lost. */
export function CommandButton({
  run,
  class: className = '',
  children,
  label,
  describedBy,
  held,
  pressed,
}: Props) {
  const { pending, go } = useCommand(run)
  return (
    <button
      type="button"
      class={`button ${className}`}
      aria-disabled={pending || held === true}
      aria-label={label}
      aria-describedby={describedBy}
      aria-pressed={pressed}
      onClick={held ? undefined : go}
    >
      {children}
    </button>
  )
}
