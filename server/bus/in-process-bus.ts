import type { Json } from '../json.ts'
import type { Bus, Handler } from './bus.ts'
import { checkSubject, messageText, payloadText } from './message-text.ts'
import { createReplies } from './replies.ts'

const aTurnLater = Promise.resolve()

/** Far from being too large, in units of strings and in members. */
const littleText = 1_000
const fewMembers = 20

/** Whether it is a little object of plain values, whose copy is what would be read of its JSON, as heartbeats are. */
function isFlat(payload: Json): boolean {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return false
  let members = 0
  for (const value of Object.values(payload)) {
    members += 1
    if (members > fewMembers) return false
    if (typeof value === 'string' ? value.length > littleText : !isPlain(value)) return false
  }
  return true
}

const isPlain = (value: Json | undefined) =>
  value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))

/** The bus of a server that runs alone: everybody is in this process, and it is never lost. */
export function createInProcessBus(onError: (subject: string, error: unknown) => void = () => {}): Bus {
  // Lists, mostly of one: a set takes several times the memory, and every person has two subjects.
  const subjects = new Map<string, readonly { readonly handler: Handler }[]>()

  const hand = async (subject: string, handler: Handler, payload: string): Promise<Json | undefined> => {
    try {
      // A turn later, as on any other bus: nobody is called while they are still calling.
      const reply = await Promise.resolve(JSON.parse(payload)).then(handler)
      return reply === undefined ? undefined : JSON.parse(messageText(subject, reply))
    } catch (error) {
      onError(subject, error)
      return undefined
    }
  }

  /** The same where nobody hears the reply: most messages are heartbeats, and each promise less is felt. */
  const tell = (subject: string, handler: Handler, payload: Json): void => {
    try {
      const told = handler(payload)
      if (told instanceof Promise) told.catch((error) => onError(subject, error))
    } catch (error) {
      onError(subject, error)
    }
  }

  return {
    subscribe(subject, handler) {
      checkSubject(subject)
      const entry = { handler }
      subjects.set(subject, [...(subjects.get(subject) ?? []), entry])
      return () => {
        const others = (subjects.get(subject) ?? []).filter((other) => other !== entry)
        if (others.length > 0) subjects.set(subject, others)
        else subjects.delete(subject)
      }
    },

    request(subject, payload, { within }) {
      const text = messageText(subject, payload)
      let timer: NodeJS.Timeout | undefined
      const replies = createReplies(() => clearTimeout(timer))
      const entries = subjects.get(subject) ?? []
      let waiting = entries.length
      if (waiting === 0) replies.end()
      else {
        timer = setTimeout(() => replies.end(), within)
        for (const { handler } of entries)
          hand(subject, handler, text).then((reply) => {
            if (reply !== undefined) replies.add(reply)
            waiting -= 1
            if (waiting === 0) replies.end()
          })
      }
      return replies
    },

    publish(subject, payload) {
      const entries = subjects.get(subject)
      if (!entries) checkSubject(subject)
      const text = isFlat(payload) ? undefined : payloadText(subject, payload)
      for (const { handler } of entries ?? []) {
        const copy = text === undefined ? { ...(payload as object) } : JSON.parse(text)
        void aTurnLater.then(() => tell(subject, handler, copy))
      }
    },

    // A subscription is in force as it is made.
    flush: async () => {},
    isConnected: true,
    onConnection: () => () => {},
    async close() {
      subjects.clear()
    },
  }
}
