import { useMemo, useState } from 'preact/hooks'
import type { Asker } from '../page-props.ts'
import { useTick } from '../use-tick.ts'
import { ContactList } from './ContactList.tsx'
import { Icon } from './Icon.tsx'
import { LazyAddContact, useRowsFor } from './lazy-parts.ts'
import { type ContactBook, orderContacts, searchContacts } from './order-contacts.ts'

interface Props {
  readonly book: ContactBook
  readonly ask: Asker
  /** Opens the messages with somebody. */
  readonly open: (contact: string) => void
  readonly adding: boolean
  readonly closeAdding: () => void
  readonly add: () => void
}

/** So many contacts are looked through faster than a name is typed. */
const searchFrom = 8

/** A moment that has come since the last look, a busy that ended above all, is told so late at most: milliseconds. */
const lookEvery = 10_000

/** Whom one can call and write to, who was asked, and apart who is blocked. */
export function Contacts({ book, ask, open, adding, closeAdding, add }: Props) {
  const [typed, setTyped] = useState('')
  const [blockedShown, setBlockedShown] = useState(false)
  const [problem, setProblem] = useState<string>()
  useTick(lookEvery)
  const now = Date.now()
  const look = Math.floor(now / lookEvery)
  const { contacts, blocked } = useMemo(
    () => orderContacts(book.sorted, book.proven, now),
    [book.sorted, book.proven, look],
  )
  const found = useMemo(() => searchContacts(contacts, typed), [contacts, typed])
  const { useRows, most } = useRowsFor(contacts.length)
  const list = { proven: book.proven, now, ask, open, onFailure: setProblem }
  return (
    <>
      {adding && <LazyAddContact ask={ask} close={closeAdding} />}
      {problem !== undefined && (
        <div class="people-problem">
          <span role="alert">{problem}</span>
          <button type="button" class="icon-button" aria-label="Close" onClick={() => setProblem(undefined)}>
            <Icon name="close" size={14} />
          </button>
        </div>
      )}
      {contacts.length >= searchFrom && (
        <div class="search">
          <Icon name="search" size={18} />
          <input
            type="search"
            aria-label="Search contacts"
            placeholder={`Search ${contacts.length.toLocaleString('en')} contacts`}
            dir="auto"
            autoComplete="off"
            spellcheck={false}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
            onKeyDown={(event) => {
              // Left alone it would close the whole popup.
              if (event.key !== 'Escape' || typed === '') return
              event.preventDefault()
              setTyped('')
            }}
          />
        </div>
      )}
      {!book.complete && contacts.length === 0 && <div class="people-loading" aria-busy="true" />}
      {book.complete && contacts.length === 0 && !adding && (
        <div class="nobody">
          <p>Nobody is here yet. Ask a colleague: once they accept, you see when they can be reached.</p>
          <button type="button" class="button button--primary button--small" onClick={add}>
            Ask somebody
          </button>
        </div>
      )}
      {contacts.length > 0 && found.length === 0 && (
        <p class="nobody" role="status">
          Nobody here is called <bdi>“{typed.trim()}”</bdi>.
        </p>
      )}
      {found.length > 0 && (
        <ContactList
          key={String(most)}
          label="Contacts"
          contacts={found.length > most ? found.slice(0, most) : found}
          useRows={useRows}
          {...list}
        />
      )}
      {blocked.length > 0 && (
        <button
          type="button"
          class="link contacts-blocked"
          aria-expanded={blockedShown}
          onClick={() => setBlockedShown(!blockedShown)}
        >
          Blocked ({blocked.length})
        </button>
      )}
      {blockedShown && blocked.length > 0 && <ContactList label="Blocked" contacts={blocked} {...list} />}
    </>
  )
}
