import type { ComponentChildren } from 'preact'
import './LogInNotice.css'

interface Props {
  /** What went wrong: told at once. */
  readonly alert?: string | undefined
  /** What is so without anybody having done wrong: told when there is a pause. */
  readonly status?: string | undefined
  /** What belongs to it, and what can be done. */
  readonly children?: ComponentChildren
}

/**
 * What stands in the way of a log-in. Its live regions are there before any words are, for a screen reader tells only
 * what changes in one that it knows; and they hold the sentence alone, so that a button beside it that says how it is
 * doing has nothing told twice.
 */
export function LogInNotice({ alert, status, children }: Props) {
  const kind = alert !== undefined ? 'refusal' : status !== undefined ? 'trouble' : 'none'
  return (
    <div class={`login-notice login-notice--${kind}`}>
      <p role="status">{alert === undefined && status}</p>
      <p role="alert">{alert}</p>
      {kind !== 'none' && children}
    </div>
  )
}
