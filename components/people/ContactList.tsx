import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { isolated } from '../../messages/isolated.ts'
import type { ContactView } from '../../messages/people.ts'
import type { Asker } from '../page-props.ts'
import { Avatar } from './Avatar.tsx'
import { ContactMenu } from './ContactMenu.tsx'
import { Icon, Star } from './Icon.tsx'
import { inOrderOf } from './order-contacts.ts'
import { contactWording, presenceNow, presenceShape } from './presence-wording.ts'
import { allRows, type Rows, type RowsOptions, rowHeight } from './rows.ts'
import './ContactList.css'

export interface ContactListProps {
  /** In their order. */
  readonly contacts: readonly ContactView[]
  readonly proven: boolean
  readonly now: number
  readonly label: string
  readonly ask: Asker
  readonly open: (contact: string) => void
  readonly onFailure: (failure: string | undefined) => void
  /** Which rows are drawn: a hook, always the same for one list. */
  readonly useRows?: (options: RowsOptions) => Rows
}

/** A table whose cells act, for which HTML has no elements. */
const asGrid = (label: string, rows: number) =>
  ({ role: 'grid', 'aria-label': label, 'aria-rowcount': rows }) as const
const asRow = (index: number) => ({ role: 'row', 'aria-rowindex': index + 1 }) as const
const asCell = { role: 'gridcell' } as const

/**
 * A grid of one row a contact. Arrows, Home, End and the page keys move
 * from row to row, left and right within one; Tab leaves it. The row that has the focus keeps it, wherever it goes, and
 * while the pointer is in the list nobody moves.
 */
export function ContactList({
  contacts,
  proven,
  now,
  label,
  ask,
  open,
  onFailure,
  useRows = allRows,
}: ContactListProps) {
  const scroll = useRef<HTMLDivElement>(null)
  const [pointed, setPointed] = useState(false)
  const [menuOf, setMenuOf] = useState<string>()
  const shown = useHeldOrder(contacts, pointed || menuOf !== undefined)
  const [active, setActive] = useState<string>()
  const at = Math.max(
    0,
    shown.findIndex(({ id }) => id === active),
  )
  const ids = useMemo(() => shown.map(({ id }) => id), [shown])
  const rows = useRows({ ids, scroll, kept: at })
  const focus = useRowFocus(scroll, setActive)

  const onKey = (event: KeyboardEvent) => {
    const { key, target } = event
    const row = (target as Element).closest<HTMLElement>('[data-row]')
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return
    const columns = [...row.querySelectorAll<HTMLElement>('[data-column]')]
    const column = columns.indexOf(target as HTMLElement)
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / rowHeight()) - 1)
    const to = rowStep(key, at, shown.length, page)
    if (to !== undefined) {
      event.preventDefault()
      const next = shown[to]
      if (!next) return
      rows.show(to)
      setActive(next.id)
      focus(next.id, Math.max(0, column))
    } else if (key === 'ArrowRight' || key === 'ArrowLeft') {
      event.preventDefault()
      const forwards = (key === 'ArrowRight') === (getComputedStyle(row).direction !== 'rtl')
      columns[Math.min(columns.length - 1, Math.max(0, column + (forwards ? 1 : -1)))]?.focus()
    }
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it is a grid.
    <div
      ref={scroll}
      class="contact-scroll"
      {...asGrid(label, shown.length)}
      onKeyDown={onKey}
      onPointerEnter={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
    >
      <div class="contact-rows" role="presentation" style={{ height: `${rows.height}px` }}>
        {rows.drawn.map(({ index, start }) => {
          const contact = shown[index]
          return (
            contact && (
              <ContactRow
                key={contact.id}
                contact={contact}
                index={index}
                top={start}
                stop={index === at}
                words={contactWording(contact, proven, now)}
                proven={proven}
                now={now}
                ask={ask}
                open={open}
                onMenu={setMenuOf}
                onFailure={onFailure}
              />
            )
          )
        })}
      </div>
    </div>
  )
}

interface RowProps {
  readonly contact: ContactView
  readonly index: number
  /** Pixels from the beginning of the list. */
  readonly top: number
  /** Whether Tab comes here. */
  readonly stop: boolean
  readonly words: string
  readonly proven: boolean
  readonly now: number
  readonly ask: Asker
  readonly open: (contact: string) => void
  readonly onMenu: (contact: string | undefined) => void
  readonly onFailure: (failure: string | undefined) => void
}

function ContactRow({
  contact,
  index,
  top,
  stop,
  words,
  proven,
  now,
  ask,
  open,
  onMenu,
  onFailure,
}: RowProps) {
  const { id, relation, unread, favourite, awaited } = contact
  const name = isolated(contact.name)
  const isContact = relation === 'contact'
  const presence = presenceNow(contact.presence, proven, now)
  // What the blocked wrote is kept, and read by whoever goes and looks.
  const enter = () => (isContact || relation === 'clinic' || relation === 'blocked') && open(id)
  return (
    <div
      class="contact"
      {...asRow(index)}
      data-row={id}
      data-presence={isContact ? presence.kind : relation}
      style={{ top: `${top}px` }}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it is a cell. */}
      <div
        class="contact-who"
        {...asCell}
        data-column
        tabIndex={stop ? 0 : -1}
        onClick={enter}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.target !== event.currentTarget) return
          event.preventDefault()
          enter()
        }}
      >
        <Avatar name={contact.name} {...(isContact ? { shape: presenceShape(presence) } : {})} />
        <span class="contact-text">
          <span class={unread > 0 ? 'contact-name contact-name--unread' : 'contact-name'}>
            <bdi title={contact.name}>{contact.name}</bdi>
            {favourite && (
              <>
                <Star />
                <span class="for-readers">, favourite</span>
              </>
            )}
          </span>
          <span class="contact-words">
            {words}
            {awaited && <span class="contact-awaited"> · you are told once</span>}
          </span>
        </span>
        {unread > 0 && (
          <span class="count">
            {unread > 99 ? '99+' : unread}
            <span class="for-readers"> unread</span>
          </span>
        )}
      </div>
      <div class="contact-actions" {...asCell}>
        {isContact && (
          <>
            <button
              type="button"
              class="icon-button"
              data-column
              tabIndex={-1}
              aria-label={`Call ${name}`}
              title={`Call ${contact.name}`}
              onClick={() => void ask('call-contact', { contact: id }).catch(() => undefined)}
            >
              <Icon name="call" />
            </button>
            <button
              type="button"
              class="icon-button"
              data-column
              tabIndex={-1}
              aria-label={`Message ${name}`}
              title={`Message ${contact.name}`}
              onClick={() => open(id)}
            >
              <Icon name="message" />
            </button>
          </>
        )}
        {relation !== 'clinic' && (
          <ContactMenu
            contact={contact}
            ask={ask}
            onOpen={(isOpen) => onMenu(isOpen ? id : undefined)}
            onFailure={onFailure}
          />
        )}
      </div>
    </div>
  )
}

/** Where a key leads from the row at `index`; undefined when it moves to no row. */
function rowStep(key: string, index: number, count: number, page: number): number | undefined {
  const within = (to: number) => Math.min(count - 1, Math.max(0, to))
  switch (key) {
    case 'ArrowDown':
      return within(index + 1)
    case 'ArrowUp':
      return within(index - 1)
    case 'PageDown':
      return within(index + page)
    case 'PageUp':
      return within(index - page)
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}

/** Their order, or while it is held the one that they had when it began to be. */
function useHeldOrder(contacts: readonly ContactView[], held: boolean): readonly ContactView[] {
  const before = useRef<readonly string[]>([])
  const shown = useMemo(() => (held ? inOrderOf(before.current, contacts) : contacts), [contacts, held])
  useLayoutEffect(() => {
    before.current = shown.map(({ id }) => id)
  }, [shown])
  return shown
}

/**
 * Keeps the focus on the row that has it: a row that is moved in the document loses it. The focus of a row that has gone
 * goes to the one in its place.
 *
 * @returns gives a row the focus once it is drawn, in one of its columns.
 */
function useRowFocus(
  scroll: { readonly current: HTMLElement | null },
  onRow: (row: string) => void,
): (row: string, column: number) => void {
  const wanted = useRef<{ readonly row: string; readonly column: number } | null>(null)
  const held = useRef<{ readonly row: string; readonly column: number } | null>(null)
  const drawing = useRef(false)
  drawing.current = true
  const find = (place: { readonly row: string; readonly column: number } | null) =>
    place &&
    scroll.current
      ?.querySelector(`[data-row="${CSS.escape(place.row)}"]`)
      ?.querySelectorAll<HTMLElement>('[data-column]')[place.column]
  useEffect(() => {
    const list = scroll.current
    const onIn = ({ target }: FocusEvent) => {
      const row = (target as Element).closest<HTMLElement>('[data-row]')
      if (!row?.dataset.row) return
      const column = [...row.querySelectorAll('[data-column]')].indexOf(target as Element)
      if (column >= 0) held.current = { row: row.dataset.row, column }
      onRow(row.dataset.row)
    }
    const onOut = () => {
      if (!drawing.current) held.current = null
    }
    list?.addEventListener('focusin', onIn)
    list?.addEventListener('focusout', onOut)
    return () => {
      list?.removeEventListener('focusin', onIn)
      list?.removeEventListener('focusout', onOut)
    }
  }, [onRow])
  useLayoutEffect(() => {
    drawing.current = false
    const next = find(wanted.current)
    if (next) {
      wanted.current = null
      next.focus({ preventScroll: true })
    } else if (held.current && document.activeElement === document.body) {
      const kept =
        find(held.current) ?? scroll.current?.querySelector<HTMLElement>('[data-column][tabindex="0"]')
      kept?.focus({ preventScroll: true })
    }
  })
  return (row, column) => {
    wanted.current = { row, column }
    const drawn = find(wanted.current)
    if (!drawn) return
    wanted.current = null
    drawn.focus({ preventScroll: true })
  }
}
