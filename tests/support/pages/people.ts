import type { Locator, Page } from '../page.ts'

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
    choose,
    call: (name: string) => row(name).getByRole('button', { name: `Call ${name}` }),
    message: (name: string) => row(name).getByRole('button', { name: `Message ${name}` }),
    /** People who ask, before all else. */
    requests: page.getByRole('region', { name: 'Requests' }),
    accept: (name: string) => page.getByRole('button', { name: `Accept ${name}` }),
    decline: (name: string) => page.getByRole('button', { name: `Decline ${name}` }),
    block: (name: string) => page.getByRole('button', { name: `Block ${name}` }),
    /** The other fact, beside whether calls come: what contacts are shown. */
    seen: page.getByRole('region', { name: 'What your contacts see' }),
    seenText: async (): Promise<string> =>
      (await page.getByRole('region', { name: 'What your contacts see' }).allInnerTexts()).join(),
    /** Asks somebody, by username or email, and waits until that is said. */
    ask: async (login: string): Promise<void> => {
      await page.getByRole('button', { name: 'Add a contact' }).click()
      await page.getByRole('textbox', { name: 'Username or email' }).fill(login)
      await page.getByRole('button', { name: 'Ask', exact: true }).click()
      await page.getByText(/^Asked\. If somebody has the name/).waitFor()
      await page.getByRole('button', { name: 'Close', exact: true }).click()
    },
  }
}

export type PeoplePage = ReturnType<typeof peopleOn>
