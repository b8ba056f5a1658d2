interface ByRole {
  readonly name?: string | RegExp
  readonly exact?: boolean
  readonly level?: number
}

interface ByText {
  readonly exact?: boolean
}

interface Finder {
  getByRole(role: string, options?: ByRole): Locator
  getByLabel(text: string | RegExp, options?: ByText): Locator
  getByText(text: string | RegExp, options?: ByText): Locator
  /** By a CSS selector: only for what has neither role nor words. */
  locator(css: string): Locator
}

/**
 * What a test can name on a page. The names and what they mean are Playwright's: actions and readings wait until the one
 * that is meant is there, `isVisible`, `count` and the readings of all do not.
 */
export interface Locator extends Finder {
  first(): Locator
  filter(options: { readonly hasText?: string | RegExp; readonly hasNotText?: string | RegExp }): Locator
  click(): Promise<void>
  dblclick(): Promise<void>
  check(): Promise<void>
  fill(text: string): Promise<void>
  pressSequentially(text: string): Promise<void>
  /** Until it is seen: 30 s unless said. */
  waitFor(options?: { readonly timeout: number }): Promise<void>
  textContent(): Promise<string | null>
  innerText(): Promise<string>
  inputValue(): Promise<string>
  getAttribute(name: string): Promise<string | null>
  allTextContents(): Promise<string[]>
  allInnerTexts(): Promise<string[]>
  isVisible(): Promise<boolean>
  count(): Promise<number>
  evaluate<R>(look: (element: HTMLElement) => R): Promise<R>
}

export interface ViewportSize {
  readonly width: number
  readonly height: number
}

/** A tab or a window, in whichever browser. */
export interface Page extends Finder {
  readonly keyboard: { press(key: string): Promise<void> }
  goto(url: string): Promise<unknown>
  reload(): Promise<unknown>
  close(): Promise<void>
  isClosed(): boolean | Promise<boolean>
  url(): string | Promise<string>
  /** Runs in the page itself, which sees what it does; arguments and results are what JSON can carry. */
  evaluate(expression: string): Promise<unknown>
  evaluate<R>(run: () => R): Promise<Awaited<R>>
  evaluate<R, A>(run: (argument: A) => R, argument: A): Promise<Awaited<R>>
  setViewportSize(size: ViewportSize): Promise<void>
  emulateMedia(media: {
    readonly colorScheme: 'light' | 'dark'
    readonly reducedMotion: 'reduce'
    readonly forcedColors?: 'active' | 'none'
  }): Promise<void>
}
