import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { edgeless, keyboardFaults, tooWide, violations } from '../accessibility.ts'
import type { Page as TestPage } from '../page.ts'
import './demo-worker.ts'
import { openPeopleDemo } from './open-people-demo.ts'

const minutes = 60_000

/** What stands in the way of somebody, on one page. */
async function faultsOf(page: Page): Promise<readonly string[]> {
  const one = page as unknown as TestPage
  return [...(await violations(one)), ...(await edgeless(one)), ...(await tooWide(one))]
}

type Step = (page: Page) => Promise<unknown>

const press =
  (name: string | RegExp, role: 'button' | 'tab' | 'menuitem' | 'menuitemradio' = 'button'): Step =>
  (page) =>
    page.getByRole(role, { name }).first().click()

const views: readonly (readonly [name: string, query: string, ...steps: Step[]])[] = [
  ['contacts', 'view=contacts'],
  ['requests, missed calls and all else', 'view=everything'],
  ['nobody', 'view=nobody'],
  ['without a proof', 'view=unproven'],
  ['a ring of a contact', 'view=ringing', press('Decline with an answer')],
  ['the status menu', 'view=busy', press(/^Account menu/)],
  ['busy until when', 'view=contacts', press(/^Account menu/), press(/^Busy/, 'menuitemradio')],
  [
    'busy until a time',
    'view=contacts',
    press(/^Account menu/),
    press(/^Busy/, 'menuitemradio'),
    press(/^Until a time/, 'menuitem'),
  ],
  ['a contact’s menu', 'view=contacts', press('More for Elif Evans')],
  ['a question', 'view=contacts', press('More for Elif Evans'), press('Block…', 'menuitem')],
  ['adding a contact', 'view=contacts', press('Add a contact')],
  ['announcing a call', 'view=contacts', press('More for Elif Evans'), press(/^Announce/, 'menuitem')],
  ['expected calls, one at risk', 'view=at-risk'],
  ['a rehearsal that is due', 'view=rehearsal-due'],
  ['what was seen and heard of it', 'view=rehearsal-asks'],
  ['the same in its window', 'view=rehearsal'],
  ['the options, with what helps', 'view=options'],
  [
    'calls',
    'view=contacts',
    press('Calls', 'tab'),
    (page) => page.locator('.past-calls li').first().waitFor(),
  ],
  ['a thread', 'view=contacts&draft=Half', press('Message Ben Sample')],
  [
    'a ring in its window',
    'view=call',
    // For half a second after it opened its buttons are held, and faint.
    (page) => page.locator('.call-actions [aria-disabled=false]').first().waitFor(),
  ],
  [
    'a ready answer in its window',
    'view=call',
    (page) => page.locator('.call-actions [aria-disabled=false]').first().waitFor(),
    press('Decline with an answer'),
  ],
  ['calls of the blocked', 'view=contacts', press('Calls', 'tab'), press('Blocked')],
  [
    'a thread of the blocked',
    'view=contacts',
    press('Blocked (1)'),
    (page) => page.getByRole('grid', { name: 'Blocked' }).getByText('Zoë Zimmermann').click(),
  ],
  ['a call placed, that rings', 'view=placed-ringing'],
  ['a call placed, that waits', 'view=placed-waiting'],
  ['a call placed, busy', 'view=placed-busy'],
  ['a call placed, of which nothing is known', 'view=placed-unknown'],
  ['a call placed, declined', 'view=placed-declined'],
  [
    'a message in place of a call',
    'view=placed-waiting',
    press('Leave a message'),
    (page) => page.getByRole('heading', { level: 1 }).waitFor(),
  ],
]

test(
  'PU6.1 people are shown with nothing that axe objects to, edges in forced colours, and no sideways scrolling',
  async () => {
    const open = await openPeopleDemo()
    const found: string[] = []
    for (const [name, query, ...steps] of views) {
      const page = await open(query)
      for (const step of steps) await step(page)
      for (const fault of await faultsOf(page)) found.push(`${name}: ${fault}`)
      await page.close()
    }
    expect(found).toEqual([])
  },
  5 * minutes,
)

test(
  'PU6.1 people are reached by the keyboard, with a focus that is seen',
  async () => {
    const open = await openPeopleDemo()
    const found: string[] = []
    const still = [
      ...['contacts', 'nobody', 'adding a contact', 'calls', 'a thread'],
      ...['expected calls, one at risk', 'what was seen and heard of it', 'the options, with what helps'],
      ...['a ready answer in its window', 'calls of the blocked', 'a thread of the blocked'],
      ...['a call placed, that waits', 'a call placed, declined'],
    ]
    for (const [name, query, ...steps] of views) {
      if (!still.includes(name)) continue
      const page = await open(query)
      for (const step of steps) await step(page)
      for (const fault of await keyboardFaults(page as unknown as TestPage)) found.push(`${name}: ${fault}`)
      await page.close()
    }
    expect(found).toEqual([])
  },
  5 * minutes,
)

test(
  'PU6.1 the popup is 360 px wide and no higher than 600, whatever is in it, and its lists scroll',
  async () => {
    const open = await openPeopleDemo({ viewport: { width: 360, height: 600 } })
    for (const view of ['contacts', 'missed', 'ringing', 'everything', 'contacts&many=5000']) {
      const page = await open(`view=${view}`)
      const over = () =>
        page.evaluate(() => {
          const { scrollWidth, scrollHeight, clientWidth, clientHeight } = document.documentElement
          return [scrollWidth - clientWidth, scrollHeight - clientHeight]
        })
      expect([view, await over()]).toEqual([view, [0, 0]])
      await page.close()
    }
  },
  2 * minutes,
)

test(
  'PU3.5 earlier messages come above what one reads, which stays where it is',
  async () => {
    const open = await openPeopleDemo()
    const page = await open('view=contacts&many=1000')
    await page
      .getByRole('button', { name: /^Message / })
      .first()
      .click()
    await page.getByText('1000: ').waitFor()
    await page.evaluate(() => document.querySelector('.thread-scroll')?.scrollTo(0, 200))
    const top = () =>
      page.evaluate(() => {
        const list = document.querySelector('.thread-scroll')?.getBoundingClientRect().top ?? 0
        const shown = [...document.querySelectorAll('.message')].map((one) => ({
          text: one.textContent?.slice(0, 30),
          at: Math.round(one.getBoundingClientRect().top - list),
        }))
        return shown.find(({ at }) => at >= 0)
      })
    await expect.poll(async () => (await top())?.text).toMatch(/: 90\d: /)
    const before = await top()
    await page.evaluate(() => window.demo.ask('load-history', { contact: 'c3' }))
    await expect
      .poll(() => page.evaluate(() => document.querySelector('.thread-scroll')?.scrollHeight))
      .toBeGreaterThan(10_000)
    await expect.poll(async () => (await top())?.text).toBe(before?.text)
    expect(Math.abs(((await top())?.at ?? 0) - (before?.at ?? 0))).toBeLessThan(4)
  },
  2 * minutes,
)

test(
  'PU3.7 back from a thread the focus is where it was opened',
  async () => {
    const open = await openPeopleDemo()
    const page = await open('view=contacts')
    const opener = page.getByRole('button', { name: 'Message Deniz Demir' })
    await opener.click()
    await page.getByRole('textbox', { name: 'Message to Deniz Demir' }).press('Escape')
    await expect.poll(() => opener.evaluate((button) => button === document.activeElement)).toBe(true)
  },
  2 * minutes,
)

test(
  'U4.2 what stands above a list keeps within its edges, also beside the scrollbar of a page with much to show',
  async () => {
    const open = await openPeopleDemo()
    const page = await open('view=everything')
    await page.locator('.contact-scroll').waitFor()
    // As wide as a scrollbar is, which this browser does not draw.
    await page.addStyleTag({ content: '.popup--people { padding-inline-end: 31px }' })
    const edges = await page.evaluate(() => {
      const right = (which: string) => document.querySelector(which)?.getBoundingClientRect().right ?? 0
      return { list: right('.contact-scroll'), add: right('.people-add') }
    })
    expect(edges.list).toBeGreaterThan(300)
    expect(edges.add).toBeLessThanOrEqual(edges.list)
  },
  2 * minutes,
)
