import { expect } from 'vitest'
import type { Locator, Page } from '../page.ts'

/** What a page showed from some moment on, in its order, by the clock of the page (ms since 1970). */
export interface Noted {
  readonly at: number
  /** Whose row it is; `seen` is what contacts are shown, `chosen` the own status, `press` what was pressed here. */
  readonly of: string
  /** The row's shape, `gone` for one that is no more; else words. */
  readonly shown: string
}

/** Notes by itself what is drawn and when, so that how soon it was does not depend on who looks. */
function noteAll(): void {
  const notes: Noted[] = []
  let last = new Map<string, string>()
  const look = () => {
    const rows = document.querySelectorAll<HTMLElement>('[role=grid][aria-label=Contacts] [data-row]')
    const shown = new Map(
      [...rows].map((row) => [row.querySelector('bdi')?.title ?? '', row.dataset.presence ?? '']),
    )
    const seen = document.querySelector<HTMLElement>('[aria-label="What your contacts see"] [role=status]')
    if (seen) shown.set('seen', seen.innerText)
    const button = document.querySelector('[aria-label^="Account menu"]')
    shown.set('chosen', button?.ariaLabel?.split(', ').at(-1) ?? '')
    for (const [of, now] of shown) if (last.get(of) !== now) notes.push({ at: Date.now(), of, shown: now })
    for (const of of last.keys()) if (!shown.has(of)) notes.push({ at: Date.now(), of, shown: 'gone' })
    last = shown
  }
  look()
  new MutationObserver(look).observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    characterData: true,
  })
  const press = ({ target }: Event) =>
    notes.push({ at: Date.now(), of: 'press', shown: target instanceof HTMLElement ? target.innerText : '' })
  addEventListener('click', press, true)
  Object.assign(globalThis, { noted: notes })
}

/** What the popup shows of people, as a person meets it: by names and roles. */
export function peopleOn<P extends Page>(page: P) {
  const rows = page.getByRole('grid', { name: 'Contacts' }).getByRole('row')
  const row = (name: string): Locator => rows.filter({ hasText: name })

  /** Opens the menu of a contact and presses one of its items. */
  async function choose(name: string, ...items: readonly string[]): Promise<void> {
    await row(name)
      .getByRole('button', { name: `More for ${name}` })
      .click()
    for (const item of items) await page.locator('.contact-sheet').getByText(item, { exact: true }).click()
  }

  return {
    page,
    rows,
    row,
    /** What the row of a contact says in words, of where they are: `Can be reached`. */
    words: async (name: string): Promise<string> =>
      (await row(name).locator('.contact-words').allInnerTexts()).join(),
    /** Which shape it has: `available`, `away`, `busy`, `in-call`, `checking`, `offline`, `unknown`. */
    shape: async (name: string): Promise<string> =>
      (await row(name).count()) === 0 ? '' : ((await row(name).getAttribute('data-presence')) ?? ''),
    /** The shape that is drawn beside the name. */
    drawnShape: (name: string) => row(name).locator('.avatar .shape').getAttribute('data-shape'),
    choose,
    /** Chooses a status in the menu of the initials. */
    chooseStatus: async (...items: readonly (string | RegExp)[]): Promise<void> => {
      await page.getByRole('button', { name: /^Account menu/ }).click()
      for (const item of items) await page.getByRole('menu').getByText(item).click()
    },
    /** From now on what is shown here is noted, with when it was. */
    note: () => page.evaluate(noteAll),
    noted: async (of: string): Promise<readonly Noted[]> => {
      const all = await page.evaluate(() => (globalThis as unknown as { noted: readonly Noted[] }).noted)
      return all.filter((one) => one.of === of)
    },
    call: (name: string) => row(name).getByRole('button', { name: `Call ${name}` }),
    message: (name: string) => row(name).getByRole('button', { name: `Message ${name}` }),
    /** People who ask, before all else. */
    requests: page.getByRole('region', { name: 'Requests' }),
    accept: (name: string) => page.getByRole('button', { name: `Accept ${name}` }),
    /** Accepts who asks, and waits until the request is gone. */
    acceptFrom: async (name: string): Promise<void> => {
      const accept = page.getByRole('button', { name: `Accept ${name}` })
      await accept.click()
      await expect.poll(() => accept.count()).toBe(0)
    },
    decline: (name: string) => page.getByRole('button', { name: `Decline ${name}` }),
    block: (name: string) => page.getByRole('button', { name: `Block ${name}` }),
    /** The other fact, beside whether calls come: what contacts are shown. */
    seen: page.getByRole('region', { name: 'What your contacts see' }),
    seenText: async (): Promise<string> =>
      (await page.getByRole('region', { name: 'What your contacts see' }).allInnerTexts()).join(),
    /** Asks somebody, by username or email, and waits until that is said. */
    ask: async (login: string): Promise<void> => {
      await page.getByRole('button', { name: 'Add a contact' }).click()
      const field = page.getByRole('textbox', { name: 'Username or email' })
      await field.fill(login)
      await page.getByRole('button', { name: 'Ask', exact: true }).click()
      await page.getByText(/^Asked\. If somebody has the name/).waitFor()
      await page.getByRole('button', { name: 'Close', exact: true }).click()
    },
  }
}

export type PeoplePage = ReturnType<typeof peopleOn>
