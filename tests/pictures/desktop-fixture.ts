import type { Page } from 'playwright'
import { expect } from 'vitest'
import { optionsOn } from '../support/pages/options.ts'
import { popupOn } from '../support/pages/popup.ts'
import { addPerson } from '../support/server/add-person.ts'
import { openCallClient } from '../support/server/call-client.ts'
import { startServer } from '../support/server/start-server.ts'
import { type Desktop, type Look, openDesktop } from './open-desktop.ts'

const ann = {
  username: 'ann',
  email: 'ann@clinic.example',
  name: 'Ann Lee',
  password: 'Correct-horse-7',
}

/** A server with one person, the clinic that calls her, and her desktop, where she is not logged in yet. */
export async function openDesktopFixture(look: Look) {
  // The issuer need not answer for its button to be there.
  const server = await startServer({
    OPENID_CLIENT_ID: 'reachable',
    OPENID_CLIENT_SECRET: 'x',
    SIGN_UP: 'on',
  })
  const desktop = await openDesktop(look)
  const person = await addPerson(server, ann)
  const clinic = await openCallClient(server)
  const options = optionsOn(await desktop.open('options.html'))
  await options.setServer(server.url)
  await options.page.close()
  await clearTabs(desktop)
  const light = (wanted: string) =>
    expect.poll(() => desktop.toolbar.light(), { timeout: 30_000 }).toBe(wanted)

  return {
    server,
    desktop,
    clinic,
    light,
    logIn: async (): Promise<void> => {
      const popup = popupOn(await desktop.open('popup.html'))
      await popup.logIn(person)
      await light('green')
      await popup.page.close()
    },
    /** A call that was cancelled after it rang: it waits as missed. */
    missCall: async (): Promise<void> => {
      const { id } = await clinic.call(person.username)
      await clinic.cancel(id)
      await expect.poll(() => desktop.toolbar.badge(), { timeout: 30_000 }).toBe('1')
      await expect.poll(() => callWindows(desktop).length, { timeout: 15_000 }).toBe(0)
      const popup = await desktop.open('popup.html')
      await popup.getByText('The caller hung up').waitFor({ state: 'detached' })
      await popup.close()
    },
    /** A call that rings, and its window, moved to where it covers nothing. */
    ring: async (): Promise<Page> => {
      await clinic.call(person.username)
      await light('ringing')
      await expect.poll(() => callWindows(desktop).length, { timeout: 15_000 }).toBe(1)
      const [shown] = callWindows(desktop)
      if (!shown) throw new Error('The window of the call is gone.')
      const isFitting = () => shown.evaluate(() => document.documentElement.scrollHeight <= innerHeight)
      await expect.poll(isFitting, { timeout: 15_000 }).toBe(true)
      await desktop.place(shown, { left: 760, top: 40 })
      return shown
    },
  }
}

const callWindows = ({ context }: Desktop) =>
  context.pages().filter((page) => page.url().includes('/call.html'))

/** Some page that has nothing to do with us, as most pages have not. */
const site = 'https://clinic.example/'
const sitePage = `<!doctype html><meta name="color-scheme" content="light dark"><title>Clinic</title>
  <style>body { background: light-dark(#e3e6ea, #2c2e33) }</style>`

/** One tab remains, with a quiet page in it, besides the page that watches the badge. */
async function clearTabs({ context, toolbar }: Desktop): Promise<void> {
  await toolbar.badge()
  await context.route(site, (route) => route.fulfill({ contentType: 'text/html', body: sitePage }))
  const kept = await context.newPage()
  await kept.goto(site)
  for (const page of context.pages())
    if (page !== kept && !page.url().endsWith('manifest.json')) await page.close()
  await kept.bringToFront()
}
