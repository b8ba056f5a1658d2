import { useEffect } from 'preact/hooks'
import type { IncomingCall } from '../messages/state.ts'
import { canDecline, rings } from './call-wording.ts'
import type { Asker } from './page-props.ts'

/** With Alt, so that no one who was typing when the window came up answers or declines by chance. */
const commands = { KeyA: 'answer', KeyD: 'decline' } as const

/** Alt+A answers while `call` rings; Alt+D declines it, also while it may only still be waiting. */
export function useCallKeys(call: IncomingCall | undefined, ask: Asker): void {
  const id = call && canDecline(call) ? call.id : undefined
  const ringing = call !== undefined && rings(call)
  useEffect(() => {
    if (id === undefined) return
    const onKey = (event: KeyboardEvent) => {
      const { altKey, ctrlKey, metaKey, repeat, code } = event
      if (!altKey || ctrlKey || metaKey || repeat) return
      if (code !== 'KeyA' && code !== 'KeyD') return
      if (code === 'KeyA' && !ringing) return
      event.preventDefault()
      void ask(commands[code], { call: id }).catch(() => undefined)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [id, ringing, ask])
}
