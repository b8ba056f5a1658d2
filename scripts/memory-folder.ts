import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { freemem } from 'node:os'
import { join } from 'node:path'

const memory = '/dev/shm'
const prefix = 'reachable-tests-'
const gigabyte = 1_073_741_824

/** Tests hold some hundreds of megabytes there at once, and browsers and databases want memory beside them. */
const room = { folder: 2 * gigabyte, memory: 6 * gigabyte }

/**
 * Makes a folder in memory, which is gone with this process. A server waits for the disk at each of its writes, and tests
 * would wait for that half of their time.
 *
 * @returns where it is; undefined where this computer has none to give, or not enough.
 */
export function memoryFolder(): string | undefined {
  if (!isUsable()) return undefined
  for (const name of readdirSync(memory)) if (isLeftOver(name)) remove(join(memory, name))
  const folder = join(memory, `${prefix}${process.pid}`)
  mkdirSync(folder)
  // As every folder for what is temporary: PostgreSQL does not run as root.
  chmodSync(folder, 0o1777)
  process.on('exit', () => remove(folder))
  return folder
}

const remove = (folder: string) => rmSync(folder, { recursive: true, force: true })

function isUsable(): boolean {
  try {
    const mount = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .findLast(([, at]) => at === memory)
    // Some tests run programs that they write.
    if (mount?.[2] !== 'tmpfs' || mount[3]?.split(',').includes('noexec')) return false
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize >= room.folder && freemem() >= room.memory
  } catch {
    return false
  }
}

/** Whether it is of a run that was killed. */
function isLeftOver(name: string): boolean {
  if (!name.startsWith(prefix)) return false
  try {
    process.kill(Number(name.slice(prefix.length)), 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
