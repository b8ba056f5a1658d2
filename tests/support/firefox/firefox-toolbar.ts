import { vi } from 'vitest'
import { firefoxId } from '../../../protocol/extension.ts'
import type { MenuItem, Toolbar } from '../device.ts'
import { lightOf } from '../light.ts'
import { signal } from '../processes-of.ts'
import type { FirefoxPage } from './firefox-page.ts'
import type { Firefox } from './open-firefox.ts'

const made = firefoxId.replace(/[^a-z0-9_-]/gi, '_')
/** The icon's name among the widgets of Firefox's toolbar. */
export const widget = `${made}-browser-action`

const icon = `document.getElementById(${JSON.stringify(`${made}-BAP`)})`
const extension = `WebExtensionPolicy.getByID(${JSON.stringify(firefoxId)}).extension`

/** What is drawn of it: letters, ground of the badge, sentence, and the file of the icon. */
const drawn = `(() => {
  const style = ${icon}.getAttribute('badgeStyle') ?? ''
  const image = ${icon}.getAttribute('style') || ${icon}.parentElement.getAttribute('style') || ''
  return [${icon}.getAttribute('badge') ?? '', style, ${icon}.getAttribute('tooltiptext'), image]
})()`

/** Presses the icon with the right button, as a person does, and then an item of the menu that opens. */
const chooseItem = (item: MenuItem) => `(async () => {
  const menu = document.getElementById('toolbar-context-menu')
  const told = (event) => new Promise((resolve) => menu.addEventListener(event, resolve, { once: true }))
  const shown = told('popupshown')
  ${icon}.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true, button: 2, view: window }))
  await shown
  const hidden = told('popuphidden')
  const item = document.getElementById(${JSON.stringify(`${made}-menuitem-_${item}`)})
  if (item) menu.activateItem(item)
  else menu.hidePopup()
  await hidden
  return item !== null
})()`

/**
 * Ends an event page as an idle one is ended, where pages of the extension are open: they share its process. Else gives
 * that process, to be ended by the signal that no process hears.
 */
const endBackground = `(async () => {
  const extension = ${extension}
  if ([...extension.views].some(({ viewType }) => viewType !== 'background'))
    return extension.terminateBackground({ ignoreDevToolsAttached: true, disableResetIdleForTest: true }).then(() => [])
  const { children } = await ChromeUtils.requestProcInfo()
  return children.filter(({ type }) => type === 'extension').map(({ pid }) => pid)
})()`

/**
 * The icon in the real toolbar, seen with the rights of the browser.
 *
 * @param openStill opens something of the extension that runs no script of ours.
 */
export function firefoxToolbar(
  { inWindow }: Firefox,
  openStill: () => Promise<FirefoxPage>,
): Toolbar & { readonly isThere: () => Promise<boolean> } {
  const boot = async () => {
    const page = await inWindow(
      `[...${extension}.views].find(({ viewType }) => viewType === 'background')?.contextId`,
    )
    return page === undefined ? undefined : String(page)
  }
  const workerRuns = async () => (await inWindow(`${extension}.backgroundState`)) === 'running'
  return {
    isThere: async () =>
      (await inWindow(
        `WebExtensionPolicy.getByID(${JSON.stringify(firefoxId)})?.active && ${extension}.backgroundState !== undefined`,
      )) === true,
    badge: async () => String((await inWindow(`${icon}?.getAttribute('badge')`)) ?? ''),
    light: async () => {
      const [text = '', style = '', title = '', icon = ''] =
        ((await inWindow(drawn)) as string[] | undefined) ?? []
      const colour = (/background-color: rgba?\(([^)]*)/.exec(style)?.[1] ?? '').split(',').map(Number)
      return lightOf({ text, colour, title, icon })
    },
    boot,
    tooltip: async () => String(await inWindow(`${icon}.getAttribute('tooltiptext')`)),
    // What follows a change of the session is in the menu a moment later.
    choose: async (item) => void (await vi.waitUntil(() => inWindow(chooseItem(item)), { timeout: 30_000 })),
    workerRuns,
    killWorker: async () => {
      const before = await boot()
      if (before === undefined) return
      const end = async () => (await inWindow(endBackground)) as readonly number[]
      const pids = await end()
      signal(pids, 'SIGKILL')
      await vi.waitUntil(
        async () => {
          if ((await boot()) !== before) return true
          // What an idle one does at that moment may put its end off.
          if (pids.length === 0) await end()
          return false
        },
        { timeout: 30_000 },
      )
    },
    lightNotice: async () => {
      const still = await openStill()
      const stands = await still.evaluate(async () => 'light' in (await chrome.notifications.getAll()))
      await still.close()
      return stands
    },
    alarms: async () => {
      const still = await openStill()
      const names = await still.evaluate(async () => (await chrome.alarms.getAll()).map(({ name }) => name))
      await still.close()
      return names
    },
  }
}

declare const chrome: {
  readonly notifications: { getAll: () => Promise<object> }
  readonly alarms: { getAll: () => Promise<readonly { readonly name: string }[]> }
}
