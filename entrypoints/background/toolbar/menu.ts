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

export interface Menu {
  /** Shows these items; null leaves the menu as it is. */
  readonly offer: (items: readonly MenuItem[] | null) => void
}

/** What the browser refused is offered again after so many milliseconds, if nobody offers anything before. */
const againAfter = 1_000

/**
 * The icon's right-click menu. What an earlier worker left stays usable until this one knows which items
 * apply, and is then made anew: it may be an earlier version's.
 */
export function createMenu(): Menu {
  let offered: readonly MenuItem[] | null = null
  let made: Promise<unknown> = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | undefined

  function offer(items: readonly MenuItem[] | null): void {
    if (items === null || items.join() === offered?.join()) return
    offered = items
    clearTimeout(timer)
    made = made.then(() => make(items)).catch(() => refused(items))
  }

  /** Nothing may change for hours, so the next offer is not waited for; one that came meanwhile is made already. */
  function refused(items: readonly MenuItem[]): void {
    if (offered !== items) return
    offered = null
    timer = setTimeout(() => offer(items), againAfter)
  }

  async function make(items: readonly MenuItem[]): Promise<void> {
    await browser.contextMenus.removeAll()
    for (const id of items)
      browser.contextMenus.create({ id, title: titleOf(id, items), contexts: ['action'] })
  }

  return { offer }
}
