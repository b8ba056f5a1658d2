import { useState } from 'preact/hooks'
import type { PeopleState } from '../../messages/people.ts'
import type { Asker } from '../page-props.ts'
import { Contacts } from './Contacts.tsx'
import { Icon } from './Icon.tsx'
import { LazyCallList, LazyThread } from './lazy-parts.ts'
import type { ContactBook } from './order-contacts.ts'
import './People.css'

interface Props {
  readonly people: PeopleState
  readonly cannotSpeak: boolean | undefined
  readonly book: ContactBook
  readonly ask: Asker
  readonly open: (contact: string) => void
}

const loadAhead = () => void LazyThread.load().catch(() => undefined)

const views = ['Contacts', 'Calls'] as const

/** The lists: whom one can call and write to, and the calls that there were. */
export function People({ people, cannotSpeak, book, ask, open }: Props) {
  const [view, setView] = useState<(typeof views)[number]>('Contacts')
  const [adding, setAdding] = useState(false)
  const onKey = (event: KeyboardEvent) => {
    const at = views.indexOf(view)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    const next = views.at(to % views.length) ?? view
    setView(next)
    document.getElementById(`tab-${next}`)?.focus()
  }
  return (
    // Whoever comes near is likely to open one: what draws it is there by then.
    <div class="people" onPointerEnter={loadAhead} onFocusIn={loadAhead}>
      <div class="people-head">
        <div class="tabs" role="tablist" aria-label="People" onKeyDown={onKey}>
          {views.map((name) => (
            <button
              key={name}
              id={`tab-${name}`}
              type="button"
              role="tab"
              class="tab"
              aria-selected={name === view}
              aria-controls="people-view"
              tabIndex={name === view ? 0 : -1}
              onClick={() => setView(name)}
            >
              {name}
              {name === 'Contacts' && people.unread > 0 && (
                <span class="count">
                  {people.unread > 99 ? '99+' : people.unread}
                  <span class="for-readers"> unread {people.unread === 1 ? 'message' : 'messages'}</span>
                </span>
              )}
            </button>
          ))}
        </div>
        {view === 'Contacts' && (
          <button
            type="button"
            class="button button--small people-add"
            aria-expanded={adding}
            onClick={() => setAdding(!adding)}
          >
            <Icon name="add" size={16} />
            Add a contact
          </button>
        )}
      </div>
      {people.notKept && (
        <p class="people-problem" role="alert">
          This browser cannot keep contacts and messages now. Restart it if that lasts.
        </p>
      )}
      {cannotSpeak && (
        <p class="people-problem">
          Who answers a call can neither hear nor see you: the server has no https. Ask whoever runs it.
        </p>
      )}
      <div class="people-view" role="tabpanel" id="people-view" aria-labelledby={`tab-${view}`}>
        {view === 'Contacts' ? (
          <Contacts
            book={book}
            ask={ask}
            open={open}
            adding={adding}
            closeAdding={() => {
              setAdding(false)
              document.querySelector<HTMLElement>('.people-add')?.focus()
            }}
            add={() => setAdding(true)}
          />
        ) : (
          <LazyCallList version={people.callsVersion} ask={ask} open={open} />
        )}
      </div>
    </div>
  )
}
