import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Whether what the tests need can be installed here without asking: as root on Debian. */
export const canInstall = (): boolean => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

/** @returns whether it went well; what it prints is seen. */
export function aptGet(...parameters: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', parameters, { stdio: 'inherit', env }).status === 0
}
