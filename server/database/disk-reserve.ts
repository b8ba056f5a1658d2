import { randomBytes } from 'node:crypto'
import { rmSync, type Stats, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { megabyte } from '../megabyte.ts'

/** A call takes some thousand bytes: enough for thousands of them, and for mails and sign-ins beside them. */
export const reserveSize = 33_554_432

const block = megabyte

const random = promisify(randomBytes)

/** Room on the disk that is held by a file of nothing, to be given back when the database finds no more. */
export interface DiskReserve {
  readonly held: boolean
  /** Writes the file, if it is not there whole. @returns whether it is held then; never rejects. */
  take(): Promise<boolean>
  /** Deletes the file. @returns whether there was one. */
  giveBack(): boolean
}

/** @param path the file, as an earlier server may have left it. */
export function createDiskReserve(path: string): DiskReserve {
  let held = isWhole(statSync(path, { throwIfNoEntry: false }))
  let taking: Promise<boolean> | undefined
  let wanted = 0

  /** Bytes of which no two blocks are alike, and no holes: no file system keeps them smaller than they are. */
  const write = async (wish: number) => {
    const file = await open(path, 'w', 0o600)
    try {
      for (let at = 0; at < reserveSize && wish === wanted; at += block)
        await file.write(await random(block), 0, block, at)
      return wish === wanted && isWhole(await file.stat())
    } finally {
      await file.close()
    }
  }

  const remove = () => rmSync(path, { force: true })

  const take = async () => {
    wanted += 1
    held = await write(wanted).catch(() => false)
    if (!held) remove()
    return held
  }

  return {
    get held() {
      return held
    },
    async take() {
      if (held) return true
      taking ??= take().finally(() => {
        taking = undefined
      })
      return taking
    },
    giveBack() {
      // One that is being written is given up.
      wanted += 1
      const was = held
      held = false
      if (was) remove()
      return was
    },
  }
}

/** A block of a file system's count has 512 bytes. Where blocks are not counted, the size has to do. */
const isWhole = (stats: Stats | undefined): boolean =>
  stats?.size === reserveSize && (stats.blocks === undefined || stats.blocks * 512 >= reserveSize)
