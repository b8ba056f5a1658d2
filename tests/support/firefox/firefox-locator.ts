import { getByLabelSelector, getByRoleSelector, getByTextSelector } from 'ivya'
import { vi } from 'vitest'
import type { Locator } from '../page.ts'
import type { PageDriver } from './page-driver.ts'

/** What is known of an element before something is done to it. */
interface Ready {
  readonly x: number
  readonly y: number
  readonly checked: boolean
}

const patience = { timeout: 30_000, interval: 100 }

/** Whether an element is seen, as Playwright understands it. */
const seen = `element.checkVisibility({ visibilityProperty: true })`

/** Where to press on an element, or why a person could not press it yet. */
const whereToPress = `(element) => {
  element.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  const { x, y, width, height } = element.getBoundingClientRect()
  if (!${seen} || width * height === 0) return 'it is not seen'
  if (element.matches(':disabled') || element.closest('[aria-disabled=true]')) return 'it is disabled'
  const [middle, centre] = [x + width / 2, y + height / 2]
  const hit = document.elementFromPoint(middle, centre)
  if (hit === null || !(element.contains(hit) || hit.closest('label')?.control === element)) return 'something covers it'
  return { x: Math.round(middle), y: Math.round(centre), checked: element.checked === true }
}`

const readyToType = `(element) =>
  ${seen} && element.matches(':enabled:read-write')
    ? (element.focus(), element.select(), true)
    : 'it takes no text'`

/** As typed at once: the page hears of it as of any other input. */
const typeOver = (text: string) =>
  `document.execCommand(${text === '' ? `'delete'` : `'insertText', false, ${JSON.stringify(text)}`})`

/** What a selector of Playwright's finds on a page in Firefox. */
export function firefoxLocator(driver: PageDriver, selector: string): Locator {
  const all = `found(${JSON.stringify(selector)})`
  const then = (more: string) => firefoxLocator(driver, `${selector} >> ${more}`)

  /** Asks something of the one element that is meant. */
  const ask = (look: string): Promise<unknown> =>
    driver.evaluate(`((all) => {
      const sees = document.body?.innerText.slice(0, 300)
      if (all.length !== 1) throw new Error(all.length + ' of ' + ${JSON.stringify(selector)} + ' in: ' + sees)
      return { of: (${look})(all[0]) }
    })(${all})`)

  /** The same, once it is there. */
  const read = (look: string) =>
    vi.waitFor(async () => ((await ask(look)) as { readonly of?: unknown }).of, patience)

  /** What `look` finds, once that is no sentence that says why not yet. */
  const soon = <R>(look: string, timeout = patience.timeout): Promise<R> =>
    vi.waitFor(
      async () => {
        const { of } = (await ask(look)) as { readonly of: R | string }
        if (typeof of === 'string') throw new Error(`${selector}: ${of}`)
        return of
      },
      { ...patience, timeout },
    )

  async function press(times: 1 | 2): Promise<void> {
    let before = await soon<Ready>(whereToPress)
    await driver.inFront(async () => {
      // What still moves would be missed.
      const { x, y } = await vi.waitFor(async () => {
        const now = await soon<Ready>(whereToPress)
        const rests = now.x === before.x && now.y === before.y
        before = now
        return rests ? now : Promise.reject(new Error(`${selector} moves`))
      }, patience)
      await driver.press({ x, y }, times)
    })
  }

  async function write(act: () => Promise<unknown>): Promise<void> {
    await soon(readyToType)
    await driver.inFront(async () => {
      await soon(readyToType)
      await act()
    })
  }

  return {
    getByRole: (role, options = {}) => then(getByRoleSelector(role, options)),
    getByLabel: (text, options = {}) => then(getByLabelSelector(text, options)),
    getByText: (text, options = {}) => then(getByTextSelector(text, options)),
    locator: (css) => then(css),
    first: () => then('nth=0'),
    filter({ hasText, hasNotText }) {
      const holding = (engine: string, text: string | RegExp) =>
        then(getByTextSelector(text).replace('internal:text=', `internal:${engine}=`))
      if (hasText !== undefined) return holding('has-text', hasText)
      return hasNotText === undefined ? then('*') : holding('has-not-text', hasNotText)
    },
    click: () => press(1),
    dblclick: () => press(2),
    check: async () => {
      if (!(await soon<Ready>(whereToPress)).checked) await press(1)
    },
    fill: (text) => write(() => driver.evaluate(typeOver(text))),
    pressSequentially: (text) => write(() => driver.type([...text])),
    waitFor: async (options) =>
      void (await soon(`(element) => ${seen} || 'it is not seen'`, options?.timeout)),
    textContent: async () => (await read('(element) => element.textContent')) as string | null,
    innerText: async () => String(await read('(element) => element.innerText')),
    inputValue: async () => String(await read('(element) => element.value')),
    getAttribute: async (name) =>
      (await read(`(element) => element.getAttribute(${JSON.stringify(name)})`)) as string | null,
    allTextContents: async () =>
      (await driver.evaluate(`${all}.map((element) => element.textContent)`)) as string[],
    allInnerTexts: async () =>
      (await driver.evaluate(`${all}.map((element) => element.innerText)`)) as string[],
    isVisible: async () =>
      (await driver.evaluate(`${all}.slice(0, 1).some((element) => ${seen})`)) as boolean,
    count: async () => (await driver.evaluate(`${all}.length`)) as number,
    evaluate: async <R>(look: (element: HTMLElement) => R) => (await read(String(look))) as R,
  }
}
