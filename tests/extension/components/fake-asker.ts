import type { Asker } from '../../../components/page-props.ts'
import type { Command } from '../../../messages/commands.ts'

type Answer = object | Promise<object>

/** Stands where the background worker would: notes what is asked, and answers as told or with success. */
export function asker(answers: Partial<Record<Command, (payload: unknown) => Answer>> = {}) {
  const asked: (readonly [Command, unknown])[] = []
  const ask = (async (command: Command, payload: unknown) => {
    asked.push([command, payload])
    return (await answers[command]?.(payload)) ?? { ok: true }
  }) as Asker
  /** The payloads of one command, in order. */
  const of = (command: Command) => asked.filter(([name]) => name === command).map(([, payload]) => payload)
  return { ask, asked, of }
}
