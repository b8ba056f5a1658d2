import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'
import { requireBrowser } from '../../../scripts/browsers/find-browser.ts'
import { launchFirefox } from '../../../scripts/browsers/launch-firefox.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A profile folder that Firefox has been started with once; undefined where none was made for this run. */
    readonly startedProfile: string | undefined
  }
}

/** What Firefox compiles of itself at its first start with a profile, and by what it knows that it was it. */
const caches = ['startupCache', 'compatibility.ini']

/**
 * Starts Firefox once before its tests, each of which gives it a new profile: it would compile itself again each time.
 *
 * @returns what ends it.
 */
export async function setup(project: TestProject): Promise<() => void> {
  const profile = mkdtempSync(join(tmpdir(), 'reachable-firefox-'))
  const { process, bidi } = await launchFirefox({
    executable: requireBrowser('firefox'),
    profile,
    parameters: ['--headless'],
  })
  const ended = once(process, 'exit')
  // It keeps them as it closes.
  await bidi.send('browser.close')
  await ended
  project.provide('startedProfile', profile)
  return () => rmSync(profile, { recursive: true, force: true })
}

/** Spares a new profile the compiling, and leaves one that Firefox knows as it is. */
export function giveCaches(profile: string): void {
  const started = inject('startedProfile')
  if (started === undefined || existsSync(join(profile, 'compatibility.ini'))) return
  for (const name of caches) cpSync(join(started, name), join(profile, name), { recursive: true })
}
