import { expect, onTestFinished, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import {
  createMenu,
  isMenuItem,
  itemsFor,
  statusOfItem,
} from '../../../entrypoints/background/toolbar/menu.ts'

const account = { name: 'Ann', username: 'ann', email: 'ann@a.example', picture: null }

test('G2.1 the right-click menu offers only what applies, and at most six items', () => {
  const signedIn = itemsFor({ kind: 'signed-in', account })
  expect(signedIn).toEqual(['open', 'log-out', 'exit'])
  expect(
    itemsFor({
      kind: 'signed-out',
      why: 'never',
      resting: false,
      draft: '',
      staySignedIn: false,
      atIssuer: 'idle',
    }),
  ).toEqual(['open', 'exit'])
  expect(
    itemsFor({
      kind: 'signed-out',
      why: 'ended',
      resting: true,
      draft: '',
      staySignedIn: false,
      atIssuer: 'idle',
    }),
  ).toEqual(['open'])
  expect(itemsFor({ kind: 'unknown' })).toBeNull()
  expect(signedIn?.length).toBeLessThanOrEqual(6)
})

test('G2.1 a click on anything that is not ours does nothing', () => {
  for (const id of ['toString', '', 3, undefined, 'Open']) expect(isMenuItem(id)).toBe(false)
})

test('G2.1 Exit says that it logs out, where somebody is logged in, and that it stays quiet until it is opened', async () => {
  const { create } = browserMenu()
  const titles = async (...offered: Parameters<ReturnType<typeof createMenu>['offer']>) => {
    create.mockClear()
    createMenu().offer(...offered)
    await vi.waitFor(() => expect(create).toHaveBeenCalledTimes(offered[0]?.length ?? 0))
    return create.mock.calls.map(([{ title }]) => title)
  }
  await expect(titles(['open', 'log-out', 'exit'])).resolves.toEqual([
    'Open Reachable',
    'Log out',
    'Exit (log out, and stay quiet until opened)',
  ])
  await expect(titles(['open', 'exit'])).resolves.toEqual([
    'Open Reachable',
    'Exit (stay quiet until opened)',
  ])
})

function browserMenu() {
  const shown: string[] = []
  const removeAll = vi.fn(async () => void shown.splice(0))
  const create = vi.fn(({ id }: { id: string; title?: string }) => void shown.push(id))
  Object.assign(fakeBrowser.contextMenus, { removeAll, create })
  return { shown, removeAll, create }
}

test('G2.3 the menu is made anew when other items apply, and what was offered last is what it has', async () => {
  const { shown, removeAll } = browserMenu()
  const menu = createMenu()
  menu.offer(['open', 'exit'])
  menu.offer(null)
  menu.offer(['open', 'exit'])
  menu.offer(['open', 'log-out', 'exit'])
  await vi.waitFor(() => expect(shown).toEqual(['open', 'log-out', 'exit']))
  expect(removeAll).toHaveBeenCalledTimes(2)
})

test('G2.3 a menu that the browser refused to make is made with the next change', async () => {
  const { shown, removeAll } = browserMenu()
  removeAll.mockRejectedValueOnce(new Error('no'))
  const menu = createMenu()
  menu.offer(['open'])
  await vi.waitFor(() => {
    menu.offer(['open'])
    expect(shown).toEqual(['open'])
  })
  menu.offer(['open', 'exit'])
  await vi.waitFor(() => expect(shown).toEqual(['open', 'exit']))
})

test('G2.3 a menu that the browser refused to make is made within a second, though nobody asks', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { shown, removeAll } = browserMenu()
  removeAll.mockRejectedValueOnce(new Error('no')).mockRejectedValueOnce(new Error('no'))
  createMenu().offer(['open', 'exit'])
  await vi.advanceTimersByTimeAsync(2_000)
  expect(shown).toEqual(['open', 'exit'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(removeAll).toHaveBeenCalledTimes(3)
})

test('G2.3 what was offered meanwhile is not undone by a second try', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { shown, removeAll } = browserMenu()
  removeAll.mockRejectedValueOnce(new Error('no'))
  const menu = createMenu()
  menu.offer(['open', 'exit'])
  await vi.advanceTimersByTimeAsync(500)
  menu.offer(['open'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(shown).toEqual(['open'])
  expect(removeAll).toHaveBeenCalledTimes(2)
})

const at = new Date(2026, 10, 26, 22, 30).getTime()

test('G2.6 the menu offers the status, of which one is checked: what was chosen, or until when a busy lasts', async () => {
  vi.useFakeTimers({ now: at })
  onTestFinished(() => void vi.useRealTimers())
  vi.stubGlobal('navigator', { language: 'en-GB', languages: ['en-GB'] })
  const { create } = browserMenu()
  const checked = async (...[chosen, until]: ['available' | 'away' | 'busy' | 'invisible', number?]) => {
    create.mockClear()
    createMenu().offer(['open', 'log-out', 'exit'], { chosen, until: until ?? null, confirmed: true })
    await vi.advanceTimersByTimeAsync(0)
    const made = create.mock.calls.map(
      ([item]) => item as { id: string; title: string; type?: string; checked?: boolean; parentId?: string },
    )
    expect(made.filter(({ parentId }) => parentId === undefined).map(({ id }) => id)).toEqual([
      ...['open', 'status', 'log-out', 'exit'],
    ])
    const radios = made.filter(({ type }) => type === 'radio')
    expect(radios.every(({ parentId }) => parentId === 'status')).toBe(true)
    return radios.filter((item) => item.checked).map(({ title }) => title)
  }
  await expect(checked('available')).resolves.toEqual(['Available'])
  await expect(checked('away')).resolves.toEqual(['Away'])
  await expect(checked('invisible')).resolves.toEqual(['Invisible (calls still ring)'])
  await expect(checked('busy', at + 3_600_000)).resolves.toEqual(['Busy until 23:30'])
})

test('G2.6 a busy of the menu, or of a key, has its end; tomorrow begins at 8', () => {
  expect(statusOfItem('status-available', at)).toEqual({ status: 'available', until: null })
  expect(statusOfItem('status-busy-30', at)).toEqual({ status: 'busy', until: at + 1_800_000 })
  expect(statusOfItem('status-busy-60', at)).toEqual({ status: 'busy', until: at + 3_600_000 })
  const tomorrow = new Date(2026, 10, 27, 8).getTime()
  expect(statusOfItem('status-busy-tomorrow', at)).toEqual({ status: 'busy', until: tomorrow })
  for (const id of ['status', 'status-busy-now', 'status-toString', 'open', 3, undefined])
    expect(statusOfItem(id, at)).toBeNull()
})

test('G2.3 G2.6 the menu is made anew when the status is another, and not for anything else', async () => {
  const { removeAll } = browserMenu()
  const menu = createMenu()
  const status = (chosen: 'available' | 'away', confirmed = true) => ({ chosen, until: null, confirmed })
  menu.offer(['open'], status('available'))
  menu.offer(['open'], status('available', false))
  menu.offer(['open'], status('away'))
  await vi.waitFor(() => expect(removeAll).toHaveBeenCalledTimes(2))
})
