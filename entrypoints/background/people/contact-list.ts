import {
  type ContactsPosted,
  type ContactView,
  clinicThread,
  contactsPort,
  type PresenceView,
} from '../../../messages/people.ts'
import type { Contact } from '../../../protocol/people.ts'
import type { After } from '../timer.ts'
import type { Port } from './port.ts'

export interface ContactList {
  readonly get: (id: string) => Contact | undefined
  readonly all: () => readonly Contact[]
  readonly view: (contact: Contact) => ContactView
  /** In place of all that were there. */
  readonly replace: (contacts: readonly Contact[]) => void
  readonly put: (contact: Contact) => void
  readonly remove: (id: string) => void
  /** Something that a row shows is another: presence, what is unread, whether they are awaited. */
  readonly touched: (ids: readonly string[]) => void
  /** A page that shows the list. @returns false where the port is for something else. */
  readonly connect: (port: Port) => boolean
  /** Whether somebody looks at it. */
  readonly isShown: () => boolean
}

interface Dependencies {
  readonly presenceOf: (contact: string) => PresenceView
  readonly unreadOf: (contact: string) => number
  readonly isAwaited: (contact: string) => boolean
  /** Whether it is known who the contacts are: until then a page is told nothing, not even that there are none. */
  readonly isKnown: () => boolean
  /** Whether the clinic's system has written. */
  readonly hasClinic: () => boolean
  readonly after: After
  /** The first page looks, or the last has gone. */
  readonly shownChanged: () => void
}

/** So many rows are posted at once: a page draws between them. */
const mostPosted = 500

/** What changes within so many milliseconds is posted together. */
const postedTogether = 50

/** The contacts of this person, and the pages that show them. */
export function createContactList(dependencies: Dependencies): ContactList {
  const { presenceOf, unreadOf, isAwaited, isKnown, hasClinic, after, shownChanged } = dependencies
  let contacts = new Map<string, Contact>()
  /** Each with what it heard last of each contact, so that nothing is said twice; null before it was told them all. */
  const ports = new Map<Port, Map<string, string> | null>()
  const dirty = new Set<string>()
  let posting = false

  const view = (contact: Contact): ContactView => {
    const { id, relation, name, username, team, favourite, ringsThrough, since } = contact
    return {
      id,
      relation,
      name,
      username,
      team,
      favourite,
      ringsThrough,
      presence: relation === 'contact' ? presenceOf(id) : { kind: 'unknown' },
      unread: relation === 'blocked' ? 0 : unreadOf(id),
      awaited: isAwaited(id),
      since,
    }
  }

  const rowOf = (id: string): ContactView | undefined => {
    const contact = contacts.get(id)
    if (id === clinicThread && hasClinic()) return clinicRow(unreadOf(id))
    return contact && view(contact)
  }

  /** A page that has gone without a word makes its port throw. */
  function post(port: Port, posted: ContactsPosted): void {
    try {
      port.postMessage(posted)
    } catch {
      leave(port)
    }
  }

  function leave(port: Port): void {
    if (ports.delete(port) && ports.size === 0) shownChanged()
  }

  function postWhole(port: Port): void {
    const views = [...contacts.keys(), clinicThread].flatMap((id) => rowOf(id) ?? [])
    ports.set(port, new Map(views.map((row) => [row.id, JSON.stringify(row)])))
    let from = 0
    do {
      const whole = views.slice(from, from + mostPosted)
      from += mostPosted
      post(port, { whole, more: from < views.length })
    } while (from < views.length)
  }

  function postChanges(): void {
    posting = false
    const rows = [...dirty].map((id) => {
      const row = rowOf(id)
      return { id, row, text: row ? JSON.stringify(row) : undefined }
    })
    dirty.clear()
    for (const [port, heard] of ports) {
      if (!heard) continue
      const news = rows.filter(({ id, text }) => heard.get(id) !== text)
      for (const { id, text } of news) {
        if (text === undefined) heard.delete(id)
        else heard.set(id, text)
      }
      for (let from = 0; from < news.length; from += mostPosted) {
        const part = news.slice(from, from + mostPosted)
        post(port, {
          changed: part.flatMap(({ row }) => row ?? []),
          gone: part.filter(({ row }) => !row).map(({ id }) => id),
        })
      }
    }
  }

  function touch(ids: Iterable<string>): void {
    if (ports.size === 0) return
    for (const id of ids) dirty.add(id)
    if (posting || dirty.size === 0) return
    posting = true
    after(postedTogether, postChanges)
  }

  return {
    get: (id) => contacts.get(id),
    all: () => [...contacts.values()],
    view,
    replace: (next) => {
      const before = contacts
      contacts = new Map(next.map((contact) => [contact.id, contact]))
      if (isKnown()) for (const [port, heard] of ports) if (!heard) postWhole(port)
      touch([...before.keys(), ...contacts.keys(), clinicThread])
    },
    put: (contact) => {
      contacts.set(contact.id, contact)
      touch([contact.id])
    },
    remove: (id) => {
      contacts.delete(id)
      touch([id])
    },
    touched: touch,
    connect: (port) => {
      if (port.name !== contactsPort) return false
      port.onDisconnect.addListener(() => leave(port))
      const isFirst = ports.size === 0
      ports.set(port, null)
      if (isKnown()) postWhole(port)
      if (isFirst) shownChanged()
      return true
    },
    isShown: () => ports.size > 0,
  }
}

/** The row of the clinic's system, which is no person. */
export const clinicRow = (unread: number): ContactView => ({
  id: clinicThread,
  relation: 'clinic',
  name: clinicName,
  username: null,
  team: null,
  favourite: false,
  ringsThrough: false,
  presence: { kind: 'unknown' },
  unread,
  awaited: false,
  since: 0,
})

export const clinicName = 'Your clinic'
