import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { ChosenBrowser } from './choose-browser.ts'
import type { ForWhom, Opened } from './keep-browser.ts'

export interface OpeningBrowser {
  /** Whether it is open, or why it is not. */
  readonly opened: Promise<Opened>
  /** Gives it up, unless it is open by now. */
  readonly giveUp: () => void
}

/**
 * Opens a browser in a profile of its own with the extension in its toolbar, and leaves it to the person: no signal of
 * this terminal reaches it, and it outlives this process.
 */
export function openBrowser(
  { browser, executable }: ChosenBrowser,
  extension: string,
  forWhom?: ForWhom,
): OpeningBrowser {
  const keeper = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'keep-browser.ts'),
      ...[browser, executable, extension],
      ...(forWhom ? ['for'] : []),
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true, windowsHide: true },
  )
  const opened = new Promise<Opened>((resolve) => {
    const failed = (why: string) => resolve({ kind: 'failed', why })
    keeper.once('message', (told) => resolve(told as Opened))
    keeper.once('error', ({ message }) => failed(message))
    keeper.once('disconnect', () => failed('it was given up'))
  })
  if (forWhom) keeper.send(forWhom)
  keeper.unref()
  return { opened, giveUp: () => void (keeper.connected && keeper.kill('SIGTERM')) }
}
