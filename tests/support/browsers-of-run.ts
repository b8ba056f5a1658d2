import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject, onTestFinished } from 'vitest'
import type { TestProject } from 'vitest/node'
import { processesOf, signal } from './processes-of.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where browsers that several tests use, one after the other, have their profiles. */
    readonly browsersOfRun: string
  }
}

/**
 * Makes a folder for the profiles of a run's browsers.
 *
 * @returns what ends those that still run, and removes it.
 */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'reachable-browsers-'))
  project.provide('browsersOfRun', folder)
  return () => {
    signal(processesOf(folder), 'SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

/** An empty folder that is there until the run ends. */
export const profileOfRun = (): string => mkdtempSync(join(inject('browsersOfRun'), 'profile-'))

/** What is dear to start, and can be made as new. */
interface Renewable {
  readonly isOpen: () => boolean
  /** Takes away all that a test has left in it. */
  readonly clear: () => Promise<void>
  readonly close: () => Promise<void>
}

/**
 * Lends out what a process has started, to one test at a time, and starts another only where all are lent out. One that a
 * test has closed, or that a test failed with, is lent out no more.
 *
 * @returns what gives one that is as new.
 */
export function lend<B extends Renewable>(start: () => Promise<B>): () => Promise<B> {
  const free: B[] = []
  return async () => {
    const lent = free.pop() ?? (await start())
    onTestFinished(async ({ task }) => {
      if (!lent.isOpen()) return
      const isSound =
        task.result?.state !== 'fail' &&
        (await lent.clear().then(
          () => true,
          () => false,
        ))
      if (isSound) free.push(lent)
      else await lent.close()
    })
    return lent
  }
}
