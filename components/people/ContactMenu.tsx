import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Ask } from '../../messages/commands.ts'
import { isolated } from '../../messages/isolated.ts'
import type { ContactView, PeopleReply } from '../../messages/people.ts'
import type { Asker } from '../page-props.ts'
import { useMenu } from '../use-menu.ts'
import { Icon } from './Icon.tsx'
import { LazyExpectAt } from './lazy-parts.ts'
import { whatFailed } from './people-failure.ts'
import './ContactMenu.css'

interface Props {
  readonly contact: ContactView
  readonly ask: Asker
  /** The menu is open, or no longer: nothing may move under it meanwhile. */
  readonly onOpen: (open: boolean) => void
  /** What was asked for could not be done, in a sentence; undefined where it was. */
  readonly onFailure: (failure: string | undefined) => void
}

type Change = Ask<'change-contact'>['change']

/** What is asked again, since it cannot be taken back by a press. */
const questions = {
  remove: {
    ask: (name: string) => `Remove ${name}? You no longer see or reach each other.`,
    yes: 'Remove',
    no: 'Keep',
  },
  block: {
    ask: (name: string) => `Block ${name}? You look offline to them, and their calls ring nowhere.`,
    yes: 'Block',
    no: 'Cancel',
  },
} as const

/** What can be done with somebody besides calling and writing. */
export function ContactMenu({ contact, ask, onOpen, onFailure }: Props) {
  const [question, setQuestion] = useState<keyof typeof questions>()
  const [announcing, setAnnouncing] = useState(false)
  const menu = useMenu(question ?? '')
  const sheet = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    onOpen(menu.open)
    if (!menu.open) {
      setAnnouncing(false)
      return setQuestion(undefined)
    }
    // Once it is chosen it is there, and as high as it is.
    void LazyExpectAt.load().catch(() => undefined)
    place(sheet.current, menu.button.current)
    const scrolled = (event: Event) => {
      if (!sheet.current?.contains(event.target as Node)) menu.close()
    }
    addEventListener('scroll', scrolled, { capture: true, passive: true })
    return () => removeEventListener('scroll', scrolled, { capture: true })
  }, [menu.open])
  useLayoutEffect(() => {
    if (menu.open) place(sheet.current, menu.button.current)
  }, [question, announcing])

  const { id, relation, favourite, ringsThrough, awaited, team } = contact
  const name = isolated(contact.name)
  const run = (what: () => Promise<PeopleReply>) => () => {
    menu.close()
    void whatFailed(what).then(onFailure)
  }
  const change = (what: Change) => run(() => ask('change-contact', { contact: id, change: what }))
  return (
    <div class="contact-menu" ref={menu.root}>
      <button
        ref={menu.button}
        type="button"
        class="icon-button"
        data-column
        tabIndex={-1}
        aria-label={`More for ${name}`}
        aria-haspopup="menu"
        aria-expanded={menu.open}
        onClick={menu.toggle}
        onKeyDown={(event) => event.altKey && menu.onButtonKey(event)}
      >
        <Icon name="more" />
      </button>
      {menu.open && announcing && (
        <div ref={sheet} class="contact-sheet">
          <LazyExpectAt contact={contact} ask={ask} close={menu.close} />
        </div>
      )}
      {menu.open && !announcing && (
        <div
          ref={sheet}
          class="contact-sheet"
          role="menu"
          aria-label={name}
          tabIndex={-1}
          onKeyDown={menu.onMenuKey}
        >
          {question ? (
            <>
              <p class="contact-question">{questions[question].ask(name)}</p>
              <Item go={() => setQuestion(undefined)}>{questions[question].no}</Item>
              <Item danger go={change(question)}>
                {questions[question].yes}
              </Item>
            </>
          ) : (
            <>
              {relation === 'contact' && (
                <>
                  <Item checked={favourite} go={change(favourite ? 'no-favourite' : 'favourite')}>
                    Favourite
                  </Item>
                  <Item checked={awaited} go={run(() => ask('await-contact', { contact: id, on: !awaited }))}>
                    Tell me once when {name} can be reached
                  </Item>
                  <Item checked={ringsThrough} go={change(ringsThrough ? 'no-ring-through' : 'ring-through')}>
                    Rings through while I am busy
                  </Item>
                  <Item indented go={() => setAnnouncing(true)}>
                    Announce a call to {name}…
                  </Item>
                  <hr />
                  {team === null && (
                    <Item indented go={() => setQuestion('remove')}>
                      Remove…
                    </Item>
                  )}
                  <Item indented danger go={() => setQuestion('block')}>
                    Block…
                  </Item>
                </>
              )}
              {relation === 'asked' && <Item go={change('withdraw')}>Take the request back</Item>}
              {relation === 'blocked' && <Item go={change('unblock')}>Unblock</Item>}
            </>
          )}
        </div>
      )}
    </div>
  )
}

interface ItemProps {
  readonly go: () => void
  readonly checked?: boolean
  readonly danger?: boolean
  /** Beside others that have a tick. */
  readonly indented?: boolean
  readonly children: ComponentChildren
}

const Item = ({ go, checked, danger, indented, children }: ItemProps) => (
  <button
    type="button"
    {...(checked === undefined
      ? { role: 'menuitem' as const }
      : { role: 'menuitemcheckbox' as const, 'aria-checked': checked })}
    tabIndex={-1}
    class={danger ? 'contact-item contact-item--danger' : 'contact-item'}
    onClick={go}
  >
    {(checked !== undefined || indented) && (
      <svg viewBox="0 0 16 16" width={16} height={16} aria-hidden="true">
        <path d="m3.5 8.5 3 3 6-7" />
      </svg>
    )}
    <span>{children}</span>
  </button>
)

/** Pixels of air between the menu and its button, and the page's edge. */
const air = 4

/** The list would cut off a menu that lies in it: it stands over the page, below its button or above it. */
function place(sheet: HTMLElement | null, button: HTMLElement | null): void {
  if (!sheet || !button) return
  const { top, bottom, right } = button.getBoundingClientRect()
  const { width, height } = sheet.getBoundingClientRect()
  const below = bottom + air + height <= innerHeight
  const at = below ? bottom + air : Math.max(air, top - air - height)
  sheet.style.top = `${Math.min(at, Math.max(air, innerHeight - height - air))}px`
  sheet.style.left = `${Math.max(air, Math.min(right - width, innerWidth - width - air))}px`
}
