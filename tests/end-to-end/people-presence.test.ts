import { expect, test } from 'vitest'
import { borrowChromiumDevice, type ChromiumDevice } from '../support/chromium/open-chromium-device.ts'
import { openDevice } from '../support/open-device.ts'
import type { Noted, PeoplePage } from '../support/pages/people.ts'
import { startServer } from '../support/server/start-server.ts'
import { signIn } from '../support/sign-in.ts'
import { knownWithin, openPeople, twoAccounts, twoPeople } from '../support/two-people.ts'

declare const chrome: {
  readonly commands: { readonly onCommand: { dispatch: (command: string) => void } }
  readonly idle: {
    queryState: () => Promise<string>
    readonly onStateChanged: { dispatch: (state: string) => void }
  }
  readonly notifications: { getAll: () => Promise<object> }
}

/** Presses a key that the browser gives the extension. */
const pressKeyOf = ({ context }: ChromiumDevice, command: string) =>
  context.serviceWorkers()[0]?.evaluate((name) => chrome.commands.onCommand.dispatch(name), command)

/** Has the browser say so of its machine, of which one without a screen can say nothing. */
const leaveMachine = ({ context }: ChromiumDevice, state: 'active' | 'idle' | 'locked') =>
  context.serviceWorkers()[0]?.evaluate((is) => {
    chrome.idle.queryState = async () => is
    chrome.idle.onStateChanged.dispatch(is)
  }, state)

/** How long after the last press on one page another showed what `wanted` names, in ms. */
async function delay(pressed: PeoplePage, other: PeoplePage, of: string, wanted: RegExp): Promise<number> {
  const [press] = (await pressed.noted('press')).slice(-1)
  if (!press) throw new Error('Nothing was pressed')
  const found = async (): Promise<Noted | undefined> =>
    (await other.noted(of)).find(({ at, shown }) => at >= press.at && wanted.test(shown))
  await expect.poll(async () => (await found())?.shown).toMatch(wanted)
  return ((await found())?.at ?? Number.POSITIVE_INFINITY) - press.at
}

test('E23.2 PS1.1 PS1.2 PU1.1 PU1.2 G1.9 G2.6 PW2.2 PW2.8 a status is the same on both devices within a second, and what contacts see', async () => {
  const server = await startServer()
  const { ann, ben } = await twoAccounts(server)
  const devices = [await borrowChromiumDevice(), await borrowChromiumDevice(), await openDevice()] as const
  const [desk, laptop, benDevice] = devices
  await Promise.all([signIn(desk, server, ann), signIn(laptop, server, ann), signIn(benDevice, server, ben)])
  const atDesk = await openPeople(desk, ben)
  const atLaptop = await openPeople(laptop, ben)
  const atBen = await openPeople(benDevice, ann)
  for (const people of [atDesk, atLaptop, atBen]) await people.note()
  const bothShow = async (badge: string, tooltip: RegExp, seen: RegExp) => {
    for (const [device, people] of [
      [desk, atDesk],
      [laptop, atLaptop],
    ] as const) {
      await expect.poll(() => device.toolbar.badge()).toBe(badge)
      await expect.poll(() => device.toolbar.tooltip()).toMatch(tooltip)
      await expect.poll(() => people.seenText()).toMatch(seen)
      expect(await people.sentence.innerText()).toBe(`Calls can reach you, ${ann.name}.`)
    }
  }

  await atDesk.chooseStatus('Away')
  expect(await delay(atDesk, atLaptop, 'chosen', /^Away$/)).toBeLessThan(1_000)
  await expect.poll(() => atBen.words(ann.name)).toMatch(/^Away since /)
  expect(await atBen.drawnShape(ann.name)).toBe('away')
  await bothShow(
    '☾',
    /^Calls can reach you, Ann Able\. Your contacts see that you are away\./,
    /^Your contacts see: Away$/,
  )

  // The same by the keyboard alone: the menu of the initials, down to Busy, and in its menu down to an hour.
  await atLaptop.menuButton.evaluate((button) => button.focus())
  for (const key of ['Enter', 'ArrowDown', 'ArrowDown', 'Enter']) await atLaptop.page.keyboard.press(key)
  await atLaptop.page.getByText('Busy until when?').waitFor()
  for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await atLaptop.page.keyboard.press(key)
  expect(await delay(atLaptop, atDesk, 'chosen', /^Busy$/)).toBeLessThan(1_000)
  await expect.poll(() => atBen.words(ann.name)).toMatch(/^Busy until /)
  const until = /Busy until (.*)/.exec(await atBen.words(ann.name))?.[1] ?? ''
  // In the last hour of a day it is tomorrow's, of which the tooltip, which may stand for long, says the date.
  const clock = until.replace(/^tomorrow /, '')
  await expect.poll(() => desk.toolbar.tooltip()).toMatch(new RegExp(`You are busy until .*${clock}`))
  await expect.poll(() => atDesk.seenText()).toContain(`Busy until ${until}`)
  expect(await laptop.toolbar.badge()).toBe('–')

  await atDesk.chooseStatus('Busy…', /^Until a time/)
  await atDesk.page.getByLabel('Busy until').fill('23:59')
  await atDesk.page.getByRole('button', { name: 'Set' }).click()
  await expect.poll(() => atBen.words(ann.name)).toMatch(/^Busy until (?:23|11):59/)

  await desk.toolbar.choose('status-invisible')
  await expect.poll(() => atBen.words(ann.name), { timeout: knownWithin }).toBe('Offline')
  expect(await atBen.drawnShape(ann.name)).toBe('offline')
  await bothShow(
    'Inv',
    /Your contacts see you as offline\./,
    /Your contacts see: Offline[\s\S]*You are invisible\. Calls still ring here\./,
  )

  await pressKeyOf(laptop, 'status-available')
  await expect.poll(() => atBen.words(ann.name)).toBe('Can be reached')
  await bothShow('', /^Calls can reach you, Ann Able\. Confirmed/, /^Your contacts see: Available$/)

  await leaveMachine(desk, 'idle')
  await leaveMachine(laptop, 'locked')
  await expect.poll(() => atBen.words(ann.name)).toMatch(/^Away since /)
  await bothShow('', /^Calls can reach you, Ann Able\. Confirmed/, /^Your contacts see: Away$/)
  await leaveMachine(desk, 'active')
  await expect.poll(() => atBen.words(ann.name)).toBe('Can be reached')
  await bothShow('', /^Calls can reach you/, /^Your contacts see: Available$/)
})

test('E23.3 PC1.5 PC1.6 PW2.2 PX3.4 who is removed or blocked sees nothing from then on; who is waited for is told of once', async () => {
  const { server, ann, ben, annDevice, benDevice } = await twoPeople()
  const watcher = await annDevice.open('manifest.json')
  const notices = async () =>
    Object.keys(await watcher.evaluate(() => chrome.notifications.getAll())).filter((id) =>
      id.startsWith('people:reachable:'),
    )
  const atAnn = await openPeople(annDevice, ben)
  const first = await openPeople(benDevice)
  await first.logOut()
  await first.page.close()
  await expect.poll(() => atAnn.words(ben.name), { timeout: knownWithin }).toBe('Offline')
  await atAnn.choose(ben.name, `Tell me once when ${ben.name} can be reached`)
  await expect.poll(() => atAnn.words(ben.name)).toContain('you are told once')
  await atAnn.page.close()
  expect(await notices()).toEqual([])
  await signIn(benDevice, server, ben)
  await expect.poll(notices).toHaveLength(1)

  const again = await openPeople(annDevice, ben)
  expect(await again.words(ben.name)).toBe('Can be reached')
  const atBen = await openPeople(benDevice, ann)
  for (const people of [again, atBen]) await people.note()
  await atBen.choose(ann.name, 'Block…', 'Block')
  expect(await delay(atBen, again, ben.name, /^offline$/)).toBeLessThan(1_000)
  await atBen.page.getByRole('button', { name: 'Blocked (1)' }).waitFor()
  await atBen.chooseStatus('Away')
  await expect.poll(() => benDevice.toolbar.badge()).toBe('☾')
  expect(await again.words(ben.name)).toBe('Offline')
  await atBen.page.getByRole('button', { name: 'Blocked (1)' }).click()
  await atBen.page.getByRole('button', { name: `More for ${ann.name}` }).click()
  await atBen.page.getByRole('menuitem', { name: 'Unblock' }).click()
  await expect.poll(() => again.words(ben.name)).toMatch(/^Away since /)
  expect((await again.noted(ben.name)).map(({ shown }) => shown)).toEqual(['available', 'offline', 'away'])

  await atBen.choose(ann.name, 'Remove…', 'Remove')
  expect(await delay(atBen, again, ben.name, /^gone$/)).toBeLessThan(1_000)
  await expect.poll(() => atBen.rows.count()).toBe(0)
  await atBen.chooseStatus('Available')
  await expect.poll(() => benDevice.toolbar.badge()).toBe('')
  expect((await again.noted(ben.name)).map(({ shown }) => shown)).toEqual([
    'available',
    'offline',
    'away',
    'gone',
  ])
  // What was told of somebody who is no contact any more is taken back.
  await expect.poll(notices).toEqual([])
})
