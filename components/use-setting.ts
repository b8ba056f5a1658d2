import { useRef, useState } from 'preact/hooks'
import type { SetSettingsReply } from '../messages/commands.ts'

const notKept = 'This browser could not keep the setting. Check that the disk has room, and try again.'

interface Change<T> {
  /** What was asked for, until the answer. */
  readonly asked?: T
  readonly error?: string
}

/**
 * A setting that is being changed. From the answer on what is kept is shown, whatever the answer was; until then what was
 * asked for last.
 */
export function useSetting<T>(kept: T, set: (value: T) => Promise<SetSettingsReply>) {
  // One object, new at each step: only a component that is drawn again takes the browser's own change away.
  const [{ asked, error }, setChange] = useState<Change<T>>({})
  const latest = useRef(0)
  const change = async (value: T) => {
    latest.current += 1
    const mine = latest.current
    setChange({ asked: value })
    const reply = await set(value).catch(() => undefined)
    if (mine !== latest.current) return
    if (!reply) setChange({ error: 'Reachable was interrupted. Try again.' })
    else setChange(reply.ok ? {} : { error: notKept })
  }
  return { value: asked ?? kept, error, change: (value: T) => void change(value) }
}
