import { useEffect, useState } from 'preact/hooks'
import { type ContactsPosted, contactsPort } from '../../messages/people.ts'
import type { Watcher } from '../page-props.ts'
import { afterPosted, type ContactBook, emptyBook } from './order-contacts.ts'

/**
 * The contacts, as long as the page shows them: so long their presence is watched.
 *
 * @param known whether the server knows of people at all.
 */
export function useContacts(watch: Watcher, known: boolean): ContactBook {
  const [book, setBook] = useState(emptyBook)
  useEffect(() => {
    if (!known) return setBook(emptyBook)
    return watch<ContactsPosted>(contactsPort, (posted) => setBook((before) => afterPosted(before, posted)))
  }, [watch, known])
  return book
}
