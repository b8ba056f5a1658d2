import type { ChildProcess } from 'node:child_process'
import { launchFirefox } from './launch-firefox.ts'

/** Opens a Firefox of its own with the extension in its toolbar, and leaves it to the person. */
export async function openFirefox(
  executable: string,
  extension: string,
  profile: string,
): Promise<ChildProcess> {
  const { process, bidi } = await launchFirefox({ executable, profile })
  await bidi.install(extension)
  await bidi.end()
  return process
}
