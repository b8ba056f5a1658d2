import { startOfDay } from '../../messages/moment-wording.ts'
import type { MessageView, ThreadPosted } from '../../messages/people.ts'

/** A thread as the port has told of it. */
export interface ThreadState {
  /** In their order; those that the server has not numbered come last. */
  readonly messages: readonly MessageView[]
  /** There are older ones. */
  readonly more: boolean
  readonly loaded: boolean
  /** What was typed and not sent when it was last shown. */
  readonly draft: string
  /**
   * Messages of others after this number were not read before the page opened, here or further up; null where there were
   * none.
   */
  readonly newAfter: number | null
}

export const emptyThread: ThreadState = {
  messages: [],
  more: false,
  loaded: false,
  draft: '',
  newAfter: null,
}

const inOrder = (a: MessageView, b: MessageView): number =>
  (a.n ?? Number.POSITIVE_INFINITY) - (b.n ?? Number.POSITIVE_INFINITY) || a.at - b.at

/** Each once, by its key: of two the one that was told later. */
function joined(known: readonly MessageView[], told: readonly MessageView[]): readonly MessageView[] {
  const news = new Map(told.map((message) => [message.key, message]))
  const kept = known.map((message) => {
    const next = news.get(message.key)
    news.delete(message.key)
    return next ?? message
  })
  return [...kept, ...news.values()].toSorted(inOrder)
}

/** What is known once `posted` has come. A port that has closed (null) takes nothing back: what was written is. */
export function afterPostedThread(state: ThreadState, posted: ThreadPosted | null): ThreadState {
  if (posted === null) return state
  if ('changed' in posted) {
    const gone = new Set(posted.gone)
    const messages = joined(state.messages, posted.changed)
    return { ...state, messages: gone.size > 0 ? messages.filter(({ key }) => !gone.has(key)) : messages }
  }
  if ('older' in posted)
    return { ...state, messages: joined(state.messages, posted.older), more: posted.more }
  if (state.loaded) return afterReopened(state, posted)
  return {
    messages: posted.whole.toSorted(inOrder),
    more: posted.more,
    loaded: true,
    draft: posted.draft,
    newAfter: newAfterOf(posted),
  }
}

function newAfterOf(posted: Extract<ThreadPosted, { whole: unknown }>): number | null {
  const { whole, more, readUntil } = posted
  const isNew = ({ from, n }: MessageView) => from !== 'me' && n !== null && n > readUntil
  return whole.some(isNew) || isNewAbove({ messages: whole, more, newAfter: readUntil }) ? readUntil : null
}

/** Whether the first that was not read may be further up than what is here. */
export function isNewAbove({
  messages,
  more,
  newAfter,
}: Pick<ThreadState, 'messages' | 'more' | 'newAfter'>): boolean {
  const first = messages.find(({ n }) => n !== null)?.n ?? null
  return more && newAfter !== null && first !== null && first > newAfter + 1
}

/** The newest, told again by another worker: what is known beyond them stays, where nothing is missing between. */
function afterReopened(state: ThreadState, posted: Extract<ThreadPosted, { whole: unknown }>): ThreadState {
  const { whole, more } = posted
  const first = whole.find(({ n }) => n !== null)?.n ?? 0
  const older = state.messages.filter(({ n }) => n !== null && n < first)
  const newest = older.at(-1)?.n
  const joins = newest !== undefined && newest !== null && newest + 1 >= first
  return {
    ...state,
    messages: joins ? [...older, ...whole.toSorted(inOrder)] : whole.toSorted(inOrder),
    more: joins ? state.more : more,
    newAfter: joins ? state.newAfter : newAfterOf(posted),
  }
}

export type ThreadItem =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  /** `above`: earlier ones, which are not here, may be new too. */
  | { readonly kind: 'new'; readonly key: string; readonly above: boolean }
  | {
      readonly kind: 'message'
      readonly key: string
      readonly message: MessageView
      /** Of messages of one side that follow one another within a few minutes: the first, the last. */
      readonly first: boolean
      readonly last: boolean
    }

/** So long after one another messages belong together: milliseconds. */
const together = 5 * 60_000

/** What is drawn of a thread: its messages by day, and the line above what is new. */
export function threadItems(thread: ThreadState): readonly ThreadItem[] {
  const { messages, newAfter } = thread
  const above = isNewAbove(thread)
  const items: ThreadItem[] = above ? [{ kind: 'new', key: 'new', above }] : []
  let day = { from: Number.NaN, until: Number.NaN }
  let line = above ? null : newAfter
  let before: MessageView | undefined
  for (const [index, message] of messages.entries()) {
    const isNewDay = !(message.at >= day.from && message.at < day.until)
    if (isNewDay) {
      const date = new Date(message.at)
      day = { from: startOfDay(date), until: startOfDay(date, -1) }
      items.push({ kind: 'day', key: `day-${day.from}-${message.key}`, at: message.at })
    }
    const isNew = line !== null && message.from !== 'me' && message.n !== null && message.n > line
    if (isNew) {
      items.push({ kind: 'new', key: 'new', above })
      line = null
    }
    const next = messages[index + 1]
    const first = isNewDay || isNew || !before || !belong(before, message)
    items.push({
      kind: 'message',
      key: message.key,
      message,
      first,
      last: !next || !belong(message, next) || next.at >= day.until,
    })
    before = message
  }
  return items
}

const belong = (one: MessageView, other: MessageView): boolean =>
  one.from === other.from && other.at - one.at < together
