import { type StatsFs, statfsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'

export interface DiskRoom {
  /** Bytes that this user may still write, and how many the disk has. */
  readonly free: number
  readonly total: number
}

/** @param directory anything on the disk. */
export async function diskRoomAt(directory: string): Promise<DiskRoom> {
  return roomOf(await statfs(directory))
}

/** As {@link diskRoomAt}, for whoever cannot wait. */
export const diskRoomNow = (directory: string): DiskRoom => roomOf(statfsSync(directory))

const roomOf = ({ bavail, blocks, bsize }: StatsFs): DiskRoom => ({
  free: bavail * bsize,
  total: blocks * bsize,
})

/** Where nothing is set: early enough to act, and nothing that a small disk cannot have. */
const lowByDefault = 1_073_741_824
const lowShare = 0.05

/** @returns below how many bytes a disk runs low. */
export const lowMark = ({ total }: DiskRoom, set: number | undefined): number =>
  set ?? Math.min(lowByDefault, total * lowShare)

/** SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN: what it says where it found no room, or may say. https://sqlite.org/rescode.html */
const full = 13
const perhapsFull = [10, 14]

/** Whether an error, or what caused it, says that a disk was full; `perhaps` where that is one of several causes. */
export function saysDiskFull(error: unknown): 'yes' | 'perhaps' | 'no' {
  if (!(error instanceof Error)) return 'no'
  if (!('errcode' in error && typeof error.errcode === 'number')) return saysDiskFull(error.cause)
  // An extended result code has the primary one in its lowest byte.
  const code = error.errcode & 0xff
  if (code === full) return 'yes'
  return perhapsFull.includes(code) ? 'perhaps' : 'no'
}
