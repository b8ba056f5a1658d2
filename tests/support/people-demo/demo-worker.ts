import type { Asker, Watcher } from '../../../components/page-props.ts'
import {
  type ContactView,
  contactsPort,
  type MessageView,
  type PeopleReply,
} from '../../../messages/people.ts'
import type { State } from '../../../messages/state.ts'
import { someCalls } from './demo-people.ts'

interface Beginning {
  readonly state: State
  readonly contacts: readonly ContactView[]
  readonly messages: readonly MessageView[]
  readonly readUntil: number
  readonly draft: string
}

/** What the newest of a thread are: as many as the worker posts at first, and at each `load-history`. */
const atOnce = 100

/** Does in the page what the worker does: enough of it for people, keyboards and frames to be tried. */
export function demoWorker(begin: Beginning, now: number, draw: (state: State) => void) {
  let { state } = begin
  const contacts = new Map(begin.contacts.map((one) => [one.id, one]))
  const messages = [...begin.messages]
  let from = Math.max(0, messages.length - atOnce)
  const listeners = new Map<string, (posted: object | null) => void>()
  const asked: (readonly [string, unknown])[] = []
  const done: PeopleReply = { ok: true }
  const post = (port: string, posted: object | null) => listeners.get(port)?.(posted)
  const change = (next: Partial<State>) => {
    state = { ...state, ...next }
    draw(state)
  }
  const changeContact = (id: string, next: Partial<ContactView>) => {
    const known = contacts.get(id)
    if (!known) return
    contacts.set(id, { ...known, ...next })
    post(contactsPort, { changed: [contacts.get(id)], gone: [] })
  }

  const answers: Readonly<Record<string, (payload: never) => object>> = {
    'set-status': ({
      status,
      until,
    }: {
      status: 'available' | 'away' | 'busy' | 'invisible'
      until: number | null
    }) => {
      const { people } = state
      if (people)
        change({
          people: {
            ...people,
            status: { chosen: status, until, confirmed: true },
            seenAs: status === 'invisible' ? 'offline' : status,
          },
        })
      return done
    },
    'change-contact': ({ contact, change: what }: { contact: string; change: string }) => {
      if (what.endsWith('favourite')) changeContact(contact, { favourite: what === 'favourite' })
      if (what === 'block' || what === 'unblock')
        changeContact(contact, { relation: what === 'block' ? 'blocked' : 'contact' })
      return done
    },
    'await-contact': ({ contact, on }: { contact: string; on: boolean }) => {
      changeContact(contact, { awaited: on })
      return done
    },
    'answer-contact': ({ contact }: { contact: string }) => {
      const { people } = state
      if (people) change({ people: { ...people, asking: people.asking.filter(({ id }) => id !== contact) } })
      return done
    },
    'send-message': ({ contact, text }: { contact: string; text: string }) => {
      const n = messages.length + 1
      messages.push({ n, key: `own-${n}`, from: 'me', text, at: Date.now(), delivery: 'sent' })
      post(`thread:${contact}`, { changed: messages.slice(-1) })
      return done
    },
    'load-history': ({ contact }: { contact: string }) => {
      const before = from
      from = Math.max(0, from - atOnce)
      post(`thread:${contact}`, { older: messages.slice(from, before), more: from > 0 })
      return done
    },
    'list-calls': () => ({ ok: true, calls: someCalls(now), more: true }),
  }
  const ask = (async (command: string, payload: unknown) => {
    asked.push([command, payload])
    await Promise.resolve()
    return answers[command]?.(payload as never) ?? done
  }) as Asker
  const watch = ((name: string, hear: (posted: object | null) => void) => {
    listeners.set(name, hear)
    queueMicrotask(() => {
      if (name === contactsPort) hear({ whole: [...contacts.values()], more: false })
      else
        hear({
          whole: messages.slice(from),
          more: from > 0,
          draft: begin.draft,
          readUntil: begin.readUntil,
        })
    })
    return () => void listeners.delete(name)
  }) as Watcher
  return { ask, watch, asked, post, change, changeContact, state: () => state }
}

declare global {
  interface Window {
    /** For tests, which play the worker further. */
    demo: ReturnType<typeof demoWorker>
  }
}
