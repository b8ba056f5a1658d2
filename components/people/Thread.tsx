import type { LinkifyIt } from 'linkify-it'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { isolated } from '../../messages/isolated.ts'
import { clockWording, dayWording } from '../../messages/moment-wording.ts'
import {
  clinicThread,
  type MessageView,
  type PresenceView,
  shownPort,
  type ThreadPosted,
  threadPort,
} from '../../messages/people.ts'
import { CommandButton } from '../CommandButton.tsx'
import type { Asker, Watcher } from '../page-props.ts'
import { useDayChange } from '../use-tick.ts'
import { Avatar } from './Avatar.tsx'
import { Composer } from './Composer.tsx'
import { Icon } from './Icon.tsx'
import { linkParts, loadLinks } from './link-parts.ts'
import { whatFailed } from './people-failure.ts'
import { presenceShape, presenceWording } from './presence-wording.ts'
import { afterPostedThread, emptyThread, isNewAbove, threadItems } from './thread-items.ts'
import { useVirtualList } from './use-virtual-list.ts'
import './Thread.css'

interface Props {
  readonly contact: string
  readonly name: string
  /** What is known of them now; undefined where the page does not look. */
  readonly presence?: PresenceView | undefined
  /** I blocked them: what they wrote can be read, and nothing answered. */
  readonly blocked?: boolean
  readonly ask: Asker
  readonly watch: Watcher
  readonly back: () => void
}

/** Whoever has no mouse scrolls it by its focus. */
const scrolled = { role: 'group', tabIndex: 0, 'aria-label': 'Messages' } as const

/** So near its end, in pixels, a thread is read to it, and follows what comes. */
const nearEnd = 40

/** The messages with one contact, and where one more is written. */
export function Thread({ contact, name, presence, blocked = false, ask, watch, back }: Props) {
  useDayChange()
  const [thread, setThread] = useState(emptyThread)
  const answers = contact !== clinicThread && !blocked
  useEffect(
    () =>
      watch<ThreadPosted>(threadPort(contact), (posted) =>
        setThread((before) => afterPostedThread(before, posted)),
      ),
    [watch, contact],
  )
  const isVisible = useVisible()
  useEffect(
    () => (isVisible ? watch(shownPort(contact), () => undefined) : undefined),
    [watch, contact, isVisible],
  )
  const items = useMemo(() => threadItems(thread), [thread])
  const links = useLinks()
  const [failure, setFailure] = useState<string>()
  const scroll = useRef<HTMLDivElement>(null)
  const virtual = useVirtualList({
    count: items.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => 44,
    getItemKey: useCallback((index: number) => items[index]?.key ?? index, [items]),
    overscan: 8,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: nearEnd,
    paddingStart: 8,
    paddingEnd: 10,
  })
  const atEnd = items.length === 0 || virtual.isAtEnd(nearEnd)
  useOpenedAtNews(thread.loaded, items, virtual)
  useStaysAtTop(items, virtual)
  const isRead = () => isVisible && !isNewAbove(thread) && virtual.isAtEnd(nearEnd)
  useRead(contact, thread.messages, isRead, ask)
  const heard = useHeard(thread.messages, thread.loaded, name)

  const loadOlder = async () => setFailure(await whatFailed(() => ask('load-history', { contact })))
  const repeat = (key: string, forget: boolean) => async () =>
    setFailure(await whatFailed(() => ask('resend-message', { contact, key, forget })))
  const now = Date.now()
  return (
    <section
      class="thread"
      aria-label={`Messages with ${isolated(name)}`}
      onKeyDown={(event) => {
        // Left alone it would close the whole popup.
        if (event.key !== 'Escape' || event.defaultPrevented) return
        event.preventDefault()
        back()
      }}
    >
      <header class="thread-head">
        <button type="button" class="icon-button" aria-label="Back" onClick={back}>
          <Icon name="back" />
        </button>
        <Avatar name={name} {...(presence ? { shape: presenceShape(presence) } : {})} />
        <div class="thread-who">
          <h1>
            <bdi title={name}>{name}</bdi>
          </h1>
          {presence && <p class="thread-presence">{presenceWording(presence, now)}</p>}
        </div>
        {answers && (
          <button
            type="button"
            class="button button--small thread-call"
            aria-label={`Call ${isolated(name)}`}
            onClick={() => void ask('call-contact', { contact }).catch(() => undefined)}
          >
            <Icon name="call" size={16} />
            Call
          </button>
        )}
      </header>
      <div ref={scroll} class="thread-scroll" {...scrolled}>
        {thread.more && (
          <div class="thread-older">
            <CommandButton class="button--small" run={loadOlder}>
              Load earlier
            </CommandButton>
          </div>
        )}
        {thread.loaded && items.length === 0 && !thread.more && (
          <p class="thread-empty">
            {blocked
              ? 'No messages.'
              : 'No messages yet. What you write here waits for them if they are away.'}
          </p>
        )}
        <div class="thread-items" style={{ height: `${virtual.getTotalSize()}px` }}>
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const item = items[index]
            return (
              item && (
                <div
                  key={key}
                  ref={virtual.measureElement}
                  data-index={index}
                  class="thread-item"
                  style={{ top: `${start}px` }}
                >
                  {item.kind === 'day' && <p class="thread-day">{dayTitle(item.at, now)}</p>}
                  {item.kind === 'new' && (
                    <p class="thread-new">
                      <span>{item.above ? 'New, and earlier ones may be too' : 'New'}</span>
                    </p>
                  )}
                  {item.kind === 'message' && (
                    <Message
                      message={item.message}
                      first={item.first}
                      last={item.last}
                      name={name}
                      links={links}
                      again={repeat(item.message.key, false)}
                      forget={repeat(item.message.key, true)}
                    />
                  )}
                </div>
              )
            )
          })}
        </div>
      </div>
      {!atEnd && (
        <button
          type="button"
          class="thread-down"
          aria-label="To the newest messages"
          title="To the newest messages"
          onClick={() => virtual.scrollToEnd()}
        >
          <Icon name="down" size={18} />
        </button>
      )}
      <p class="for-readers" role="status">
        {heard}
      </p>
      {failure !== undefined && (
        <p role="alert" class="field-error">
          {failure}
        </p>
      )}
      {blocked && (
        <p class="thread-blocked">
          You blocked <bdi>{name}</bdi>. What they write is kept here, and you are not told of it.
        </p>
      )}
      {answers && (
        <Composer
          contact={contact}
          name={name}
          draft={thread.loaded ? thread.draft : undefined}
          ask={ask}
          onSent={() => virtual.scrollToEnd()}
        />
      )}
    </section>
  )
}

interface MessageProps {
  readonly message: MessageView
  readonly first: boolean
  readonly last: boolean
  readonly name: string
  readonly links: LinkifyIt | undefined
  readonly again: () => Promise<unknown>
  readonly forget: () => Promise<unknown>
}

function Message({ message, first, last, name, links, again, forget }: MessageProps) {
  const { from, text, at, delivery } = message
  const clock = clockWording(new Date(at))
  const waits = delivery === 'waiting'
  const refused = typeof delivery === 'object' ? delivery.refused : undefined
  const author = { me: 'You', them: isolated(name), clinic: 'Your clinic' }[from]
  return (
    <div class={`message message--${from}`} data-first={first} data-refused={refused !== undefined}>
      {from === 'clinic' && first && <p class="message-from">Your clinic</p>}
      <p class={onlyEmoji(text) ? 'bubble bubble--emoji' : 'bubble'} dir="auto">
        {/* With a direction of its own it says nothing of the text's. */}
        <span class="for-readers" dir="ltr">
          {author}, {clock}:{' '}
        </span>
        {linkParts(text, links).map((part) =>
          typeof part === 'string' ? (
            part
          ) : (
            <a href={part.url} target="_blank" rel="noopener noreferrer">
              {part.text}
            </a>
          ),
        )}
      </p>
      {refused !== undefined && (
        <div class="message-refused">
          <p>Not sent: {refused}</p>
          <CommandButton class="button--small" run={again}>
            Try again
          </CommandButton>
          <CommandButton class="button--small button--bare" run={forget}>
            Delete
          </CommandButton>
        </div>
      )}
      {refused === undefined && (last || waits) && (
        <p class="message-foot">
          {waits ? (
            <>
              <Icon name="wait" size={13} /> Waiting to be sent
            </>
          ) : (
            <time dateTime={new Date(at).toISOString()} aria-hidden="true">
              {clock}
            </time>
          )}
        </p>
      )}
    </div>
  )
}

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)

const dayTitle = (at: number, now: number): string => capital(dayWording(new Date(at), new Date(now)))

const emoji = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|[\u200d\ufe0f\s])+$/u
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** A few of them and nothing else are drawn bigger. */
const onlyEmoji = (text: string): boolean =>
  text.length < 40 && emoji.test(text) && [...graphemes.segment(text.replaceAll(/\s/g, ''))].length <= 3

/** What finds links, once it is there; until then they are text. */
function useLinks(): LinkifyIt | undefined {
  const [links, setLinks] = useState<{ readonly found: LinkifyIt }>()
  useEffect(() => {
    let gone = false
    void loadLinks().then(
      (found) => gone || setLinks({ found }),
      () => undefined,
    )
    return () => {
      gone = true
    }
  }, [])
  return links?.found
}

/** Whether the page can be seen. */
function useVisible(): boolean {
  const [isVisible, setVisible] = useState(!document.hidden)
  useEffect(() => {
    const look = () => setVisible(!document.hidden)
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])
  return isVisible
}

/** Opens a thread at what is new, or at its end. */
function useOpenedAtNews(
  loaded: boolean,
  items: ReturnType<typeof threadItems>,
  virtual: ReturnType<typeof useVirtualList>,
): void {
  const opened = useRef(false)
  useLayoutEffect(() => {
    if (opened.current || !loaded) return
    opened.current = true
    const news = items.findIndex(({ kind }) => kind === 'new')
    // Above it stands what brings the earlier ones.
    if (news === 0) virtual.scrollToOffset(0)
    else if (news > 0) virtual.scrollToIndex(news, { align: 'start' })
    else virtual.scrollToEnd()
  }, [loaded])
}

/**
 * Whoever has come to the first message that is here stays there when earlier ones come. The list keeps its place by the row
 * at the upper edge, and there that is a day or a line, which then stands elsewhere.
 */
function useStaysAtTop(
  items: ReturnType<typeof threadItems>,
  virtual: ReturnType<typeof useVirtualList>,
): void {
  const first = useRef<string | undefined>(undefined)
  useLayoutEffect(() => {
    const index = items.findIndex(({ key }) => key === first.current)
    first.current = items.find(({ kind }) => kind === 'message')?.key
    const [start = 0] = (index > 0 && virtual.getOffsetForIndex(index, 'start')) || []
    const top = virtual.scrollElement?.scrollTop ?? 0
    if (top < start - titles) virtual.scrollToIndex(index, { align: 'start' })
  }, [items])
}

/** Higher than what may stand above a message, in pixels. */
const titles = 100

/** Tells the worker how far the thread was read: to its end, once that is so. */
function useRead(contact: string, messages: readonly MessageView[], isRead: () => boolean, ask: Asker): void {
  const told = useRef(0)
  useEffect(() => {
    const until = messages.findLast(({ n }) => n !== null)?.n ?? 0
    // Asked once it is drawn: a list that is about to be filled has its end in sight.
    if (until <= told.current || !isRead()) return
    told.current = until
    void ask('thread-read', { contact, until }).catch(() => {
      told.current = 0
    })
  })
}

/** What came of others since the thread was opened, for screen readers: the last of it. */
function useHeard(messages: readonly MessageView[], loaded: boolean, name: string): string {
  const known = useRef<number | null>(null)
  const [heard, setHeard] = useState('')
  useEffect(() => {
    if (!loaded) return
    const last = messages.findLast(({ n, from }) => n !== null && from !== 'me')
    const before = known.current
    known.current = Math.max(before ?? 0, last?.n ?? 0)
    if (before !== null && last && (last.n ?? 0) > before) setHeard(`${isolated(name)}: ${last.text}`)
  }, [messages, loaded])
  return heard
}
