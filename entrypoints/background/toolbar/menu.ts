import { busyEnds } from '../../../messages/busy-ends.ts'
import { momentInSentence } from '../../../messages/moment-wording.ts'
import type { ChosenStatus, PeopleState } from '../../../messages/people.ts'
import type { SessionState } from '../../../messages/state.ts'
import { browser } from '../../../platform/browser.ts'

export type MenuItem = 'open' | 'log-out' | 'exit'

/** Exit says what it does, and how one comes back: it is easily taken for a way of leaving that keeps one logged in. */
const titles: Record<MenuItem, string> = {
  open: 'Open Reachable',
  'log-out': 'Log out',
  exit: 'Exit (log out, and stay quiet until opened)',
}

const titleOf = (item: MenuItem, items: readonly MenuItem[]): string =>
  item === 'exit' && !items.includes('log-out') ? 'Exit (stay quiet until opened)' : titles[item]

export const isMenuItem = (id: unknown): id is MenuItem => typeof id === 'string' && Object.hasOwn(titles, id)

/** Only what applies: nobody signed in leaves nothing to log out of, and after Exit all is closed already. */
export function itemsFor(session: SessionState): readonly MenuItem[] | null {
  switch (session.kind) {
    case 'unknown':
      return null
    case 'signed-in':
      return ['open', 'log-out', 'exit']
    case 'signed-out':
      return session.resting ? ['open'] : ['open', 'exit']
    default:
      return session satisfies never
  }
}

/** What may be chosen in the menu, and by a key: the status, and with busy its end (ms since 1970). */
const choices: Readonly<
  Record<
    string,
    { readonly title: string; readonly status: ChosenStatus; readonly endsAt?: (now: number) => number }
  >
> = {
  available: { title: 'Available', status: 'available' },
  away: { title: 'Away', status: 'away' },
  ...Object.fromEntries(
    busyEnds.map(({ id, wording, endsAt }) => [
      `busy-${id}`,
      { title: `Busy ${wording}`, status: 'busy', endsAt } as const,
    ]),
  ),
  invisible: { title: 'Invisible (calls still ring)', status: 'invisible' },
}

const statusPrefix = 'status-'

/** The status that an item of the menu stands for, or a command of the keyboard; null of anything else. */
export function statusOfItem(
  id: unknown,
  now: number,
): { readonly status: ChosenStatus; readonly until: number | null } | null {
  if (typeof id !== 'string' || !id.startsWith(statusPrefix)) return null
  const name = id.slice(statusPrefix.length)
  const choice = Object.hasOwn(choices, name) ? choices[name] : undefined
  return choice ? { status: choice.status, until: choice.endsAt?.(now) ?? null } : null
}

interface Entry {
  readonly id: string
  readonly title: string
  readonly parentId?: string
  readonly type?: 'radio'
  readonly checked?: boolean
}

/** One of a group of radio items is always checked: that of a busy that lasts says until when, and does nothing. */
function statusEntries({ chosen, until }: NonNullable<PeopleState['status']>, now: number): readonly Entry[] {
  const radio = (id: string, title: string, checked: boolean): Entry => ({
    id: `${statusPrefix}${id}`,
    title,
    parentId: 'status',
    type: 'radio',
    checked,
  })
  const entries = Object.entries(choices).map(([name, { title, status, endsAt }]) =>
    radio(name, title, !endsAt && status === chosen),
  )
  if (chosen === 'busy')
    entries.splice(
      2,
      0,
      radio('busy-now', `Busy until ${until === null ? 'later' : momentInSentence(until, now)}`, true),
    )
  return [{ id: 'status', title: 'Status' }, ...entries]
}

export interface Menu {
  /** Shows these items, and the status where there is one; null leaves the menu as it is. */
  readonly offer: (items: readonly MenuItem[] | null, status?: PeopleState['status'] | null) => void
}

/** What the browser refused is offered again after so many milliseconds, if nobody offers anything before. */
const againAfter = 1_000

/**
 * The icon's right-click menu. What an earlier worker left stays usable until this one knows which items
 * apply, and is then made anew: it may be an earlier version's.
 */
export function createMenu(): Menu {
  let offered: string | null = null
  let made: Promise<unknown> = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | undefined

  function offer(items: readonly MenuItem[] | null, status: PeopleState['status'] | null = null): void {
    if (items === null) return
    const text = JSON.stringify([items, status?.chosen, status?.until])
    if (text === offered) return
    offered = text
    clearTimeout(timer)
    const again = () => {
      // Nothing may change for hours, so the next offer is not waited for; one that came meanwhile is made already.
      if (offered !== text) return
      offered = null
      timer = setTimeout(() => offer(items, status), againAfter)
    }
    made = made.then(() => make(items, status)).catch(again)
  }

  async function make(items: readonly MenuItem[], status: PeopleState['status'] | null): Promise<void> {
    await browser.contextMenus.removeAll()
    for (const id of items) {
      browser.contextMenus.create({ id, title: titleOf(id, items), contexts: ['action'] })
      if (id !== 'open' || !status) continue
      for (const entry of statusEntries(status, Date.now()))
        browser.contextMenus.create({ ...entry, contexts: ['action'] })
    }
  }

  return { offer }
}
