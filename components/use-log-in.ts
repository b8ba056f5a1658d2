import { useRef, useState } from 'preact/hooks'
import type { Ask } from '../messages/commands.ts'
import { logInRefusal, type Refusal } from './log-in-refusals.ts'
import type { Asker } from './page-props.ts'

export type Attempt =
  | { readonly kind: 'none' }
  | { readonly kind: 'pending' }
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] }

const interrupted: Refusal = { place: 'form', sentence: 'Reachable was interrupted. Try again.' }

/** What can be refused without asking anyone. A password of spaces is a password. */
function gaps({ login, password }: Ask<'log-in'>, server: string): readonly Refusal[] {
  const whys = [
    ...(login.trim() === '' ? (['empty-login'] as const) : []),
    ...(password === '' ? (['empty-password'] as const) : []),
  ]
  return whys.map((why) => logInRefusal({ why }, server))
}

/** One attempt to log in at a time. After a success it stays pending: the form is about to go. */
export function useLogIn(ask: Asker, server: string) {
  const under = useRef(false)
  const [attempt, setAttempt] = useState<Attempt>({ kind: 'none' })
  const refuse = (refusals: readonly Refusal[]) => {
    under.current = false
    setAttempt({ kind: 'refused', refusals })
  }
  const logIn = async (typed: Ask<'log-in'>) => {
    if (under.current) return
    under.current = true
    const missing = gaps(typed, server)
    if (missing.length > 0) return refuse(missing)
    setAttempt({ kind: 'pending' })
    const reply = await ask('log-in', typed).catch(() => undefined)
    if (!reply) return refuse([interrupted])
    if (!reply.ok) refuse([logInRefusal(reply, server)])
  }
  return { attempt, logIn }
}
