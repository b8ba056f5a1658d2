import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Bidi } from './bidi.ts'

export interface Firefox {
  readonly process: ChildProcess
  readonly bidi: Bidi
}

export type Preferences = Readonly<Record<string, string | number | boolean>>

/** No first-run pages, no calls home, nothing that asks before it closes. */
const quiet: Preferences = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'browser.tabs.warnOnClose': false,
  'browser.termsofuse.bypassNotification': true,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.getAddons.cache.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'toolkit.telemetry.reportingpolicy.firstRun': false,
}

function writePreferences(profile: string, preferences: Preferences): void {
  mkdirSync(profile, { recursive: true })
  const lines = Object.entries({ ...quiet, ...preferences }).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  )
  writeFileSync(join(profile, 'user.js'), lines.join(''))
}

/** Ends it at once; nothing of it writes into its profile any more. */
export async function killFirefox(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/**
 * Starts Firefox with a profile folder (made when missing) and opens a BiDi session with it.
 *
 * @throws when it ends, or has not said in 60 s where it listens.
 */
export async function launchFirefox(options: {
  readonly executable: string
  readonly profile: string
  readonly preferences?: Preferences
  readonly parameters?: readonly string[]
  /** Ends it, as long as it starts. */
  readonly signal?: AbortSignal
}): Promise<Firefox> {
  writePreferences(options.profile, options.preferences ?? {})
  const child = spawn(
    options.executable,
    [
      ...['--profile', options.profile, '--no-remote', '--remote-debugging-port', '0'],
      // Pages of extensions are closed to BiDi without it.
      '--remote-allow-system-access',
      ...(options.parameters ?? []),
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: process.platform !== 'win32',
      ...(options.signal && { signal: options.signal }),
    },
  )
  let overdue: NodeJS.Timeout | undefined
  const bidi = await new Promise<string>((resolve, reject) => {
    overdue = setTimeout(() => reject(new Error('Firefox did not start within 60 s.')), 60_000)
    const lines = createInterface({ input: child.stderr })
    lines.on('line', (line) => {
      const found = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(line)?.[1]
      if (found) resolve(found)
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`Firefox ended at once (${code}).`)))
  })
    .finally(() => clearTimeout(overdue))
    .then((address) => Bidi.connect(address))
    // Also one that listens and then does not answer.
    .catch(async (error: unknown) => {
      await killFirefox(child)
      throw error
    })
  return { process: child, bidi }
}
