import { useEffect } from 'preact/hooks'
import type { IncomingCall } from '../messages/state.ts'
import type { Asker } from './page-props.ts'

/** With Alt, so that no one who was typing when the window came up answers or declines by chance. */
const commands = { KeyA: 'answer', KeyD: 'decline' } as const

/** Alt+A answers and Alt+D declines while `call` rings. */
export function useCallKeys(call: IncomingCall | undefined, ask: Asker): void {
  const ringing = call?.phase === 'ringing' ? call.id : undefined
  useEffect(() => {
    if (ringing === undefined) return
    const onKey = (event: KeyboardEvent) => {
      const { altKey, ctrlKey, metaKey, repeat, code } = event
      if (!altKey || ctrlKey || metaKey || repeat) return
      if (code !== 'KeyA' && code !== 'KeyD') return
      event.preventDefault()
      void ask(commands[code], { call: ringing }).catch(() => undefined)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [ringing, ask])
}
