import type { Json } from '../json.ts'
import type { Bus, Handler } from './bus.ts'

/** The bus of a server that runs alone: everybody is in this process. */
export function createInProcessBus(onError: (subject: string, error: unknown) => void = () => {}): Bus {
  const subjects = new Map<string, Set<{ handler: Handler }>>()

  const hand = async (subject: string, handler: Handler, payload: string): Promise<Json | undefined> => {
    try {
      // A turn later, as on any other bus: nobody is called while they are still calling.
      const reply = await Promise.resolve(JSON.parse(payload)).then(handler)
      return reply === undefined ? undefined : JSON.parse(JSON.stringify(reply))
    } catch (error) {
      onError(subject, error)
      return undefined
    }
  }

  return {
    subscribe(subject, handler) {
      const entry = { handler }
      const entries = subjects.get(subject) ?? new Set()
      subjects.set(subject, entries.add(entry))
      return () => {
        entries.delete(entry)
        if (entries.size === 0 && subjects.get(subject) === entries) subjects.delete(subject)
      }
    },

    request(subject, payload, { within }) {
      const entries = [...(subjects.get(subject) ?? [])]
      if (entries.length === 0) return Promise.resolve([])
      const text = JSON.stringify(payload)
      const replies: Json[] = []
      return new Promise((resolve) => {
        let waiting = entries.length
        const done = () => {
          clearTimeout(timer)
          resolve([...replies])
        }
        const timer = setTimeout(done, within)
        for (const { handler } of entries)
          hand(subject, handler, text).then((reply) => {
            if (reply !== undefined) replies.push(reply)
            waiting -= 1
            if (waiting === 0) done()
          })
      })
    },

    publish(subject, payload) {
      const text = JSON.stringify(payload)
      for (const { handler } of subjects.get(subject) ?? []) void hand(subject, handler, text)
    },
  }
}
