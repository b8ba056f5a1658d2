import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CopiedPublicFile } from 'wxt'
import { icons, type LettersOver } from './icons.ts'
import { chimeTone, phoneTone, ringTone, waitingTone } from './ring-tone.ts'

/** Written beside and renamed, so that two builds at once never copy half a file. */
function write(path: string, contents: Buffer): void {
  mkdirSync(dirname(path), { recursive: true })
  const beside = `${path}.${process.pid}`
  writeFileSync(beside, contents)
  renameSync(beside, path)
}

/**
 * Draws what the extension ships but the repository does not hold: icons and tones.
 *
 * @param folder where to keep the drawn files; WXT copies public files from disk.
 * @param letters whose browser's badges stand on the icons.
 */
export const drawnFiles = (folder: string, letters: LettersOver): CopiedPublicFile[] =>
  [
    ...icons(letters),
    { path: 'ring.wav', contents: ringTone() },
    { path: 'chime.wav', contents: chimeTone() },
    { path: 'phone.wav', contents: phoneTone() },
    { path: 'waiting.wav', contents: waitingTone() },
  ].map(({ path, contents }) => {
    const absoluteSrc = join(folder, letters, path)
    write(absoluteSrc, contents)
    return { absoluteSrc, relativeDest: path }
  })
