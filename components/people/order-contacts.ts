import type { ContactsPosted, ContactView } from '../../messages/people.ts'
import { presenceNow } from './presence-wording.ts'

/** The contacts as the port has told of them. */
export interface ContactBook {
  /** By their names. */
  readonly sorted: readonly ContactView[]
  /** What was told of the next whole list, of which more is to come; null between two of them. */
  readonly filling: readonly ContactView[] | null
  /** Whether all of them have been told. */
  readonly complete: boolean
  /** False once the port has closed: nobody vouches for what is known of anybody. */
  readonly proven: boolean
}

export const emptyBook: ContactBook = { sorted: [], filling: null, complete: false, proven: false }

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })

const byName = (a: ContactView, b: ContactView) =>
  collator.compare(a.name, b.name) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** What is known once `posted` has come; null is that the port has closed. */
export function afterPosted(book: ContactBook, posted: ContactsPosted | null): ContactBook {
  if (posted === null) return { ...book, filling: null, proven: false }
  if ('whole' in posted) {
    const told = [...(book.filling ?? []), ...posted.whole]
    const first = !book.complete
    return {
      // An older list stays to be read until the newer is there whole.
      sorted: first || !posted.more ? told.toSorted(byName) : book.sorted,
      filling: posted.more ? told : null,
      complete: book.complete || !posted.more,
      proven: first || !posted.more || book.proven,
    }
  }
  return {
    ...book,
    sorted: changedIn(book.sorted, posted),
    filling: book.filling && changedIn(book.filling, posted),
  }
}

/** Sorts anew only where a name came or changed: presence changes each second, and names hardly ever. */
function changedIn(
  list: readonly ContactView[],
  { changed, gone }: Extract<ContactsPosted, { changed: unknown }>,
): readonly ContactView[] {
  const left = new Set(gone)
  const news = new Map(changed.filter(({ id }) => !left.has(id)).map((contact) => [contact.id, contact]))
  let moved = false
  const kept = list.flatMap((contact) => {
    if (left.has(contact.id)) return []
    const next = news.get(contact.id)
    if (!next) return [contact]
    news.delete(contact.id)
    moved ||= next.name !== contact.name
    return [next]
  })
  if (!moved && news.size === 0) return kept
  return [...kept, ...news.values()].toSorted(byName)
}

export interface ContactGroups {
  /** Favourites, then those who can be reached, then the rest; each by their names. */
  readonly contacts: readonly ContactView[]
  readonly blocked: readonly ContactView[]
}

/** Who is shown, and in which order; of who asks there is a list of its own. */
export function orderContacts(sorted: readonly ContactView[], proven: boolean, now: number): ContactGroups {
  const [favourites, reachable, rest, blocked]: ContactView[][] = [[], [], [], []]
  for (const contact of sorted) {
    if (contact.relation === 'blocked') blocked?.push(contact)
    const { relation } = contact
    if (relation !== 'contact' && relation !== 'asked' && relation !== 'clinic') continue
    if (contact.favourite || relation === 'clinic') favourites?.push(contact)
    else if (isReachable(contact, proven, now)) reachable?.push(contact)
    else rest?.push(contact)
  }
  return {
    contacts: [...(favourites ?? []), ...(reachable ?? []), ...(rest ?? [])],
    blocked: blocked ?? [],
  }
}

/** Whether a call would ring at theirs now, as far as it is proven. */
const isReachable = ({ relation, presence }: ContactView, proven: boolean, now: number): boolean => {
  const { kind } = presenceNow(presence, proven, now)
  return relation === 'contact' && (kind === 'available' || kind === 'away' || kind === 'in-call')
}

/** Case and accents do not count: `zoe` finds Zoë. */
const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()

/** Those of whom each word of `typed` begins a word of their name, their username or their team. */
export function searchContacts(contacts: readonly ContactView[], typed: string): readonly ContactView[] {
  const words = folded(typed)
    .split(/[\s.,_()-]+/u)
    .filter(Boolean)
  if (words.length === 0) return contacts
  return contacts.filter(({ name, username, team }) => {
    const theirs = ` ${folded(`${name} ${username ?? ''} ${team ?? ''}`).replaceAll(/[\s.,_()-]+/gu, ' ')}`
    return words.every((word) => theirs.includes(` ${word}`))
  })
}

/**
 * The same people in the order of `before`, while somebody is about to press something in it: who is gone leaves, and
 * who is new comes last.
 */
export function inOrderOf(
  before: readonly string[],
  contacts: readonly ContactView[],
): readonly ContactView[] {
  const byId = new Map(contacts.map((contact) => [contact.id, contact]))
  const held = before.flatMap((id) => {
    const contact = byId.get(id)
    byId.delete(id)
    return contact ? [contact] : []
  })
  return [...held, ...byId.values()]
}
