import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { bindShortcut, launchChromium, pinIcon } from '../browsers/launch-chromium.ts'
import { killFirefox, launchFirefox } from '../browsers/launch-firefox.ts'
import { inRoot } from '../root.ts'

/**
 * A process of its own, which opens a browser in a profile that is thrown away when the browser is closed, not before:
 * the browser outlives whoever asked for it, so that its light is seen going off with the server.
 *
 *   node keep-browser.ts chromium|firefox EXECUTABLE EXTENSION [for]
 *
 * With `for`, whoever asked sends it first whose window it is to be (`ForWhom`): no list of processes is to show a password.
 */

/** Where among its windows a browser is shown, and the page that it begins with. */
export interface ForWhom {
  readonly place: number
  readonly page: string
}

/** What is told to whoever asked, once. */
export type Opened = { readonly kind: 'opened' } | { readonly kind: 'failed'; readonly why: string }

/** Beside the extension, since some browsers (as snaps) see nothing but what is in the home folder. */
const profiles = inRoot('output', 'browsers')

/** A browser that cannot show its window ends within this, in ms. */
const endsWithin = 1_000

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

const remove = (folder: string) =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })

/** A profile by the number of this process; those of processes that were killed go now. */
function newProfile(): string {
  mkdirSync(profiles, { recursive: true })
  for (const name of readdirSync(profiles))
    if (Number(name) === process.pid || !isAlive(Number(name))) remove(join(profiles, name))
  const profile = join(profiles, String(process.pid))
  mkdirSync(profile)
  return profile
}

/** Side by side on a screen that is wide enough. */
const windowSize = { width: 900, height: 800 }

/** The page that a window begins with, as a file that only its owner reads; undefined where there is none. */
function writeFirstPage(profile: string, forWhom: ForWhom | undefined): string | undefined {
  if (!forWhom) return undefined
  const file = join(profile, 'first-page.html')
  writeFileSync(file, forWhom.page, { mode: 0o600 })
  return pathToFileURL(file).href
}

function openChromium(executable: string, extension: string, profile: string, forWhom?: ForWhom) {
  pinIcon(profile)
  bindShortcut(profile)
  const page = writeFirstPage(profile, forWhom)
  const { width, height } = windowSize
  const flags = [
    ...['--no-first-run', '--no-default-browser-check', '--hide-crash-restore-bubble'],
    ...(forWhom ? [`--window-position=${forWhom.place * width},0`, `--window-size=${width},${height}`] : []),
    ...(page === undefined ? [] : [page]),
  ]
  return launchChromium({ executable, profile, extension, flags })
}

/** Firefox has the extension until it ends. */
async function openFirefox(
  executable: string,
  extension: string,
  profile: string,
  signal: AbortSignal,
  forWhom?: ForWhom,
) {
  const page = writeFirstPage(profile, forWhom)
  const parameters = page === undefined ? [] : [page]
  const { process: child, bidi } = await launchFirefox({ executable, profile, signal, parameters })
  try {
    await bidi.install(extension)
    await bidi.end()
  } catch (error) {
    await killFirefox(child)
    throw error
  }
  return child
}

async function keep(
  browser: string,
  executable: string,
  extension: string,
  forWhom?: ForWhom,
): Promise<void> {
  const profile = newProfile()
  const givenUp = new AbortController()
  const giveUp = () => givenUp.abort()
  process.once('disconnect', giveUp)
  process.once('SIGTERM', giveUp)
  try {
    const child =
      browser === 'firefox'
        ? await openFirefox(executable, extension, profile, givenUp.signal, forWhom)
        : openChromium(executable, extension, profile, forWhom)
    const closed = once(child, 'exit') as Promise<[number | null]>
    const early = await Promise.race([closed, delay(endsWithin)])
    if (early && early[0] !== 0) throw new Error(`it ended at once (exit code ${early[0]})`)
    // Nobody waits for the window any more: it would be the only thing left of a start that came to nothing.
    if (givenUp.signal.aborted) child.kill('SIGTERM')
    else tell({ kind: 'opened' })
    process.removeListener('disconnect', giveUp)
    if (process.connected) process.disconnect()
    await closed
  } catch (error) {
    tell({ kind: 'failed', why: error instanceof Error ? error.message : String(error) })
  } finally {
    remove(profile)
  }
}

function tell(opened: Opened): void {
  if (process.connected) process.send?.(opened)
}

if (import.meta.main) {
  const [browser = '', executable = '', extension = '', told] = process.argv.slice(2)
  const forWhom = told === 'for' ? ((await once(process, 'message'))[0] as ForWhom) : undefined
  await keep(browser, executable, extension, forWhom)
}
