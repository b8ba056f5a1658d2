import { chmodSync, lstatSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { StartupError } from './startup-error.ts'

/** Whatever this process makes from now on is for its owner alone, also what SQLite makes. */
export const makeFilesOwnerOnly = (): void => void process.umask(forOthers)

/** What the system's group and others may do, and the mark of a directory that everybody shares. */
const forOthers = 0o077
const sticky = 0o1000

/** Windows has neither users' numbers nor modes: there the folder of its user is closed to others by itself. */
const ownUser = process.getuid?.()

/** Takes what others may do away from a file or directory, if it is there. @throws StartupError when it is not this user's. */
export function keepToOwner(what: string, path: string): void {
  const stranger = otherOwner(path)
  if (stranger !== undefined)
    throw new StartupError(
      `${what} belongs to another user (uid ${stranger}). Run this as that user, or give it to this one: chown ${ownUser} ${path}`,
    )
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats || ownUser === undefined || (stats.mode & forOthers) === 0) return
  if (isShared(stats))
    throw new StartupError(
      `${what} is shared by all users of this machine. Choose a directory of its own with DATA_DIR: ${join(path, 'reachable')}`,
    )
  chmodSync(path, stats.mode & ~forOthers & 0o7777)
}

/** Whether a file or directory is there, and not kept to its owner. */
export const isOpenToOthers = (path: string): boolean =>
  ownUser !== undefined && ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & forOthers) !== 0

/** @returns the uid of another user whose file, or link to a file, this is. */
export function otherOwner(path: string): number | undefined {
  if (ownUser === undefined) return undefined
  const both = [lstatSync, statSync].map((look) => look(path, { throwIfNoEntry: false })?.uid)
  return both.find((uid) => uid !== undefined && uid !== ownUser)
}

const isShared = ({ mode }: Stats) => (mode & sticky) !== 0
