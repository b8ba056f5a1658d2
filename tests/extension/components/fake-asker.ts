import type { Asker, Watcher } from '../../../components/page-props.ts'
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

/** Where nothing is to be heard of any list. */
export const watchNothing: Watcher = () => () => undefined

/** Stands where the worker's ports would: tells whoever listens at one of them what the test says. */
export function ports() {
  const heard = new Map<string, Set<(posted: never) => void>>()
  const watch: Watcher = (name, hear) => {
    const listeners = heard.get(name) ?? new Set()
    heard.set(name, listeners.add(hear))
    return () => void listeners.delete(hear)
  }
  return {
    watch,
    isOpen: (name: string) => (heard.get(name)?.size ?? 0) > 0,
    /** Posts at a port; null is that it broke. */
    post: (name: string, posted: object | null) => {
      for (const hear of heard.get(name) ?? []) hear(posted as never)
    },
  }
}
