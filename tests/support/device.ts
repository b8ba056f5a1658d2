import type { Page } from './page.ts'
import type { callWindowOn } from './pages/call-window.ts'
import type { optionsOn } from './pages/options.ts'
import type { popupOn } from './pages/popup.ts'

export type MenuItem = 'open' | 'log-out' | 'exit' | `status-${string}`

/** What can be seen without waking the background or keeping it awake. */
export interface BadgeObserver {
  /** The letters on the icon. */
  readonly badge: () => Promise<string>
  /** What letters, colour, sentence and icon say together (`light.ts`): `green`, `checking`, `off` or `ringing`. */
  readonly light: () => Promise<string>
  /** The background that runs, by a name that no other start of it has. */
  readonly boot: () => Promise<string | undefined>
}

/** The icon in the toolbar. */
export interface Toolbar extends BadgeObserver {
  readonly tooltip: () => Promise<string>
  /** Chooses an item of the right-click menu. */
  readonly choose: (item: MenuItem) => Promise<void>
  readonly workerRuns: () => Promise<boolean>
  /**
   * Ends the background: nothing of it runs any more. It learns nothing of its end; but in Firefox, where nothing ends it
   * alone unasked, it does when pages of the extension are open, which live on.
   */
  readonly killWorker: () => Promise<void>
  /** The notification of the light that stands on the screen, if one does. */
  readonly lightNotice: () => Promise<boolean>
  /** What would wake the background by itself. */
  readonly alarms: () => Promise<readonly string[]>
}

export interface Picture {
  readonly contentType: string
  readonly body: Buffer
}

/** A real browser with the built extension in it: one device of a person. It ends with the test. */
export interface Device {
  readonly profile: string
  readonly toolbar: Toolbar
  /** Opens a page of the extension, such as `popup.html`, in a tab. */
  readonly open: (path: string) => Promise<Page>
  readonly openPopup: () => Promise<ReturnType<typeof popupOn>>
  readonly openOptions: () => Promise<ReturnType<typeof optionsOn>>
  /** The page that opens by itself when the extension is installed. */
  readonly welcomePage: () => Promise<Page>
  /** The window of a call that rings now, or soon. */
  readonly callWindow: () => Promise<ReturnType<typeof callWindowOn>>
  readonly callWindowCount: () => Promise<number>
  /** How many pages are open at exactly this address. */
  readonly countPagesAt: (url: string) => Promise<number>
  /** An empty tab. */
  readonly newPage: () => Promise<Page>
  /** The next page that opens and comes to such an address. */
  readonly nextPageAt: (prefix: string) => Promise<Page>
  /** Whether the browser believes that its computer has a network. */
  readonly setOffline: (is: boolean) => Promise<void>
  /** Answers requests to a host in its stead, or fails those for which `answer` has nothing. */
  readonly interceptRequests: (host: string, answer: (url: string) => Picture | undefined) => Promise<void>
  /** How often a sign-in in a window of its own asks for its first address: Firefox looks once before it shows it. */
  readonly visitsPerSignIn: 1 | 2
  /** Whether the browser tells servers that another site led to the pages that the extension opens: Firefox does. */
  readonly opensPagesCrossSite: boolean
  /** Closes the browser as its person does; the profile stays. */
  readonly close: () => Promise<void>
}

export interface DeviceOptions {
  /** A profile that is there already, of a device that was closed. */
  readonly profile?: string
  /** Whether the welcome page stays open. */
  readonly keepWelcome?: boolean
  /** Whether the icon is in the toolbar or hidden in a menu; as the browser does by itself, unless said. */
  readonly pinned?: boolean
  /** Pages are as big as their windows, which in Chromium they only are when this is asked for. */
  readonly pagesFillWindows?: boolean
}
