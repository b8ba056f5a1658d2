import { useEffect, useRef, useState } from 'preact/hooks'
import type { ServerAnswer } from '../messages/commands.ts'
import type { Asker } from './page-props.ts'

export interface ServerLook {
  /** How the server answered the last look of this form; undefined until it has. */
  readonly answer: ServerAnswer | undefined
  readonly look: () => Promise<void>
}

/** Milliseconds between two looks at a server that did not answer as it should, while somebody has the form before them. */
const lookEvery = 5_000

/**
 * How the server answers: looked at as the form opens, and again and again until it answers as it should. Nothing that
 * was so before the form was there counts, nor what another server answered.
 *
 * @param server its origin.
 * @param onFine called after each look that found it well.
 */
export function useServerLook(server: string, ask: Asker, onFine: () => void): ServerLook {
  const [found, setFound] = useState<{ readonly server: string; readonly answer: ServerAnswer }>()
  const asked = useRef(0)
  const heard = useRef(0)
  const answer = found?.server === server ? found.answer : undefined
  const fine = useRef(onFine)
  fine.current = onFine

  const look = async () => {
    asked.current += 1
    const mine = asked.current
    const reply = await ask('check-server', {}).catch(() => undefined)
    // What was asked later knows better, also where it was answered sooner.
    if (!reply?.answer || mine < heard.current) return
    heard.current = mine
    setFound({ server, answer: reply.answer })
    if (reply.answer === 'fine') fine.current()
  }

  useEffect(() => {
    // What was asked of another server is not heard.
    heard.current = asked.current + 1
    void look()
  }, [server, ask])
  useEffect(() => {
    if (answer === 'fine') return
    const looking = setInterval(() => {
      if (!document.hidden) void look()
    }, lookEvery)
    return () => clearInterval(looking)
  }, [answer === 'fine', server, ask])
  return { answer, look }
}
