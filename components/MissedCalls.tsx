import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isolated } from '../messages/isolated.ts'
import { momentWording } from '../messages/moment-wording.ts'
import type { MissedCall, SeenCalls } from '../messages/state.ts'
import { undoFor } from '../messages/undo-for.ts'
import { CommandButton } from './CommandButton.tsx'
import { missedWhyWording } from './call-wording.ts'
import { type Caller, gatherCallers } from './gather-callers.ts'
import type { Asker } from './page-props.ts'
import { Icon } from './people/Icon.tsx'
import './MissedCalls.css'

interface Props {
  /** Newest first, as the other. */
  readonly missed: readonly MissedCall[]
  readonly seen: SeenCalls | null
  readonly now: number
  readonly ask: Asker
  /** Opens the messages with a contact, where the server knows of people. */
  readonly open?: (contact: string) => void
}

/** A server lists no more (`mostListed` of the protocol): beyond, nobody here knows how many there are. */
const mostListed = 200

/** So many missed calls, in words. */
const countWording = (count: number) =>
  `${count}${count < mostListed ? '' : '+'} missed ${count === 1 ? 'call' : 'calls'}`

/**
 * Who called and was missed. What is marked as seen stays in its place, dimmed, until the popup is opened long enough
 * after; until then one press brings it back.
 */
export function MissedCalls({ missed, seen: marked, now, ask, open }: Props) {
  const [openedAt] = useState(now)
  const seen = marked && openedAt - marked.at < undoFor ? marked : null
  const [broughtBack, setBroughtBack] = useState(0)
  const { section, keepFocus } = useKeptFocus(seen)
  if (missed.length === 0 && !seen) return null

  const mark = (calls: readonly MissedCall[], ...next: readonly string[]) => {
    keepFocus({ calls, seen: true, next })
    setBroughtBack(0)
    return ask('missed-seen', { calls: calls.map(({ id }) => id) })
  }
  const bringBack = (calls: readonly MissedCall[], ...next: readonly string[]) => {
    keepFocus({ calls, seen: false, next })
    setBroughtBack(calls.length)
    return ask('missed-unseen', { calls: calls.map(({ id }) => id) })
  }
  const toggle = ({ seen: isSeen, calls }: Caller) =>
    isSeen && !seen?.canUndo ? null : () => (isSeen ? bringBack : mark)(calls, toggleOf(calls[0]))

  return (
    <section ref={section} class="missed" aria-labelledby="missed-heading" onKeyDown={passOverRepeats}>
      <header class="missed-head">
        <h2 id="missed-heading" tabIndex={-1}>
          {missed.length === 0 ? 'Missed calls' : countWording(missed.length)}
        </h2>
        {missed.length > 0 && (
          <CommandButton class="button--small missed-all" run={() => mark(missed, '.missed-undo')}>
            {missed.length === 1 ? 'Mark as seen' : 'Mark all as seen'}
          </CommandButton>
        )}
      </header>
      <CallerList>
        {gatherCallers(missed, seen).map((caller) => (
          <CallerItem
            key={caller.key}
            caller={caller}
            now={now}
            toggle={toggle(caller)}
            actions={open && <ContactActions caller={caller} ask={ask} open={open} />}
          />
        ))}
      </CallerList>
      <div class="missed-told" role="status">
        {seen ? (
          <>
            <span>{countWording(seen.calls.length)} marked as seen</span>
            {seen.canUndo && (
              <CommandButton
                class="button--small button--bare missed-undo"
                run={() => bringBack(seen.calls, '.missed-all')}
              >
                Undo
              </CommandButton>
            )}
          </>
        ) : (
          broughtBack > 0 && (
            <span class="for-readers">{countWording(broughtBack)} no longer marked as seen</span>
          )
        )}
      </div>
    </section>
  )
}

/** The button of the caller whose call this is, with whatever others it is gathered by then. */
const toggleOf = ({ id }: MissedCall) => `[data-calls~="${CSS.escape(id)}"] .missed-toggle`

/** Whoever holds Enter down has pressed once: the next button is not meant. */
function passOverRepeats(event: KeyboardEvent): void {
  if (event.repeat && event.key === 'Enter') event.preventDefault()
}

interface Press {
  readonly calls: readonly MissedCall[]
  readonly seen: boolean
  /** Where the focus goes once that is so: to the first of these that is there, or to the heading. */
  readonly next: readonly string[]
}

/** A button that was pressed may go with what it did, a moment later: then its focus goes on. */
function useKeptFocus(seen: SeenCalls | null) {
  const section = useRef<HTMLElement>(null)
  const pressed = useRef<(Press & { readonly button: Element | null }) | null>(null)
  useLayoutEffect(() => {
    if (!pressed.current) return
    const { calls, seen: wanted, next, button } = pressed.current
    const { activeElement: focused } = document
    const isSeen = new Set(seen?.calls.map(({ id }) => id))
    if (focused === button || focused === document.body) {
      if (calls.some(({ id }) => isSeen.has(id) !== wanted)) return
      for (const selector of [...next, 'h2']) {
        const found = section.current?.querySelector<HTMLElement>(selector)
        found?.focus()
        if (found) break
      }
    }
    pressed.current = null
  })
  return {
    section,
    keepFocus: (press: Press) => {
      pressed.current = { ...press, button: document.activeElement }
    },
  }
}

/** Scrolls by itself where there are many; whoever has no mouse scrolls it by its own focus. */
function CallerList({ children }: { readonly children: ComponentChildren }) {
  const list = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const { current } = list
    if (current && current.scrollHeight > current.clientHeight) current.tabIndex = 0
    else current?.removeAttribute('tabindex')
  })
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields.
    <div ref={list} class="missed-scroll" role="group" aria-labelledby="missed-heading">
      <ul class="missed-list">{children}</ul>
    </div>
  )
}

interface CallerProps {
  readonly caller: Caller
  readonly now: number
  /** Null where what was marked cannot be brought back. */
  readonly toggle: (() => Promise<unknown>) | null
  readonly actions: ComponentChildren
}

interface ActionProps {
  readonly caller: Caller
  readonly ask: Asker
  readonly open: (contact: string) => void
}

/** What to do about a missed call of a contact. */
function ContactActions({ caller: { from, contact }, ask, open }: ActionProps) {
  if (contact === null) return null
  return (
    <span class="missed-actions">
      <CommandButton
        class="missed-action"
        label={`Call ${isolated(from)}`}
        run={() => ask('call-contact', { contact })}
      >
        <Icon name="call" size={18} />
      </CommandButton>
      <CommandButton
        class="missed-action"
        label={`Message ${isolated(from)}`}
        run={async () => open(contact)}
      >
        <Icon name="message" size={18} />
      </CommandButton>
    </span>
  )
}

function CallerItem({ caller: { key, from, seen, calls }, now, toggle, actions }: CallerProps) {
  const [isOpen, setOpen] = useState(false)
  const [newest, ...others] = calls
  const reasons = [...new Set(calls.map(({ why }) => missedWhyWording[why]))].join(', ')
  const line = (
    <>
      <span class="missed-from">
        <bdi title={from}>{from}</bdi>
        {others.length > 0 && (
          <>
            <span aria-hidden="true">&nbsp;· {calls.length}</span>
            <span class="for-readers">, {calls.length} calls</span>
          </>
        )}
      </span>
      <Moment at={newest.at} now={now} />
      <span class="missed-why">{reasons}</span>
    </>
  )
  const times = `missed-${key}`
  return (
    <li
      class={seen ? 'missed-caller missed-caller--seen' : 'missed-caller'}
      data-calls={calls.map(({ id }) => id).join(' ')}
    >
      {others.length === 0 ? (
        <div class="missed-line">{line}</div>
      ) : (
        <button
          type="button"
          class="missed-line missed-line--many"
          aria-expanded={isOpen}
          aria-controls={times}
          onClick={() => setOpen(!isOpen)}
        >
          {line}
        </button>
      )}
      {actions}
      {toggle && (
        <CommandButton class="missed-toggle" label={`Seen: ${isolated(from)}`} pressed={seen} run={toggle}>
          <SeenMark seen={seen} />
        </CommandButton>
      )}
      {others.length > 0 && (
        <ul id={times} class="missed-times" hidden={!isOpen}>
          {calls.map(({ id, at, why }) => (
            <li key={id}>
              <Moment at={at} now={now} />
              <span class="missed-why">{missedWhyWording[why]}</span>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

const Moment = ({ at, now }: { readonly at: number; readonly now: number }) => (
  <time dateTime={new Date(at).toISOString()}>{momentWording(at, now)}</time>
)

/** A tick, in a circle that is filled once the calls are seen. */
const SeenMark = ({ seen }: { readonly seen: boolean }) => (
  <svg viewBox="0 0 20 20" width={20} height={20} aria-hidden="true">
    <title>{seen ? 'Seen. Press to undo.' : 'Mark as seen'}</title>
    <circle cx={10} cy={10} r={8} />
    <path d="m6.2 10.3 2.6 2.6 5-5.6" />
  </svg>
)
