import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import * as v from 'valibot'

/** How the commands of this machine reach the server that runs here: its address and a key for this run. */
const contents = v.object({
  url: v.string(),
  key: v.string(),
  pid: v.number(),
  /** Whether mails go to a mail server or become files that reach nobody; a server of an older version does not say. */
  mails: v.optional(v.picklist(['sent', 'files'])),
  /** Whether it is a demonstration, as `isDemonstration` has it. */
  demo: v.optional(v.boolean()),
})

export type RunningServer = v.InferOutput<typeof contents>

/** Only the owner may read it. */
export function writeOperatorFile(path: string, server: RunningServer): void {
  rmSync(path, { force: true })
  writeFileSync(path, `${JSON.stringify(server)}\n`, { mode: 0o600, flag: 'wx' })
}

export const removeOperatorFile = (path: string): void => rmSync(path, { force: true })

/** @returns undefined when no server has written the file, or it makes no sense. */
export function readOperatorFile(path: string): RunningServer | undefined {
  try {
    const result = v.safeParse(contents, JSON.parse(readFileSync(path, 'utf8')))
    return result.success ? result.output : undefined
  } catch {
    return undefined
  }
}
