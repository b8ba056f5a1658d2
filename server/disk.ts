import { enqueueOperatorMail } from './accounts/security-mail.ts'
import type { Clock } from './clock.ts'
import type { DataConfig } from './data-directory.ts'
import { createDiskReserve, reserveSize } from './database/disk-reserve.ts'
import { type DiskRoom, diskRoomAt, diskRoomNow, lowMark, saysDiskFull } from './database/disk-room.ts'
import type { Database } from './database/tables.ts'
import type { Log } from './log.ts'
import { wasMailed } from './mail/outbox.ts'
import { megabyte } from './megabyte.ts'

/** The disk is looked at as the server starts, and then this often, in ms. */
const lookEvery = 60_000
/** Writing the reserve takes some tenths of a second: people who come back at the start do not wait for it. In ms. */
const reserveAfter = 10_000
/** Room that was made less long ago, in ms, is why it is worth trying again. */
const justMade = 5_000
/** The operator is mailed about it this often at most, in ms, also by a server that is started again and again. */
const mailEvery = 86_400_000

export interface DiskDependencies {
  readonly config: Pick<DataConfig, 'dataDir' | 'diskLowBelow'> & {
    readonly operatorEmail?: string | undefined
  }
  /** Where the reserve is. */
  readonly reserve: string
  readonly clock: Clock
  readonly log: Log
}

/**
 * The disk of the data directory: watched, so that the operator hears early when it runs low, and with a reserve, so
 * that people can still be reached when nothing is left.
 */
export interface Disk {
  /**
   * Told of every error of the database. When that is a want of room, the reserve is given back.
   *
   * @returns whether there is room now that there was not: what failed may be tried again.
   */
  makeRoom(error: unknown): boolean
  /** For the shared tick: looks at the disk when it is time to, and takes the reserve when there is room. Never rejects. */
  tick(db: Database): Promise<void>
  /** Undefined until it was looked at. */
  readonly room: DiskRoom | undefined
  readonly isLow: boolean
  readonly isReserveHeld: boolean
}

export function watchDisk({ config, reserve: path, clock, log }: DiskDependencies): Disk {
  const { dataDir, operatorEmail } = config
  const reserve = createDiskReserve(path)
  let room: DiskRoom | undefined
  let isLow = false
  let madeAt = Number.NEGATIVE_INFINITY
  let toMail = false
  /** When that was last tried. */
  let mailedAt = Number.NEGATIVE_INFINITY
  const reserveFrom = clock.monotonic() + reserveAfter
  let lookAt = clock.monotonic()

  const hasNoRoom = (error: unknown): boolean => {
    const full = saysDiskFull(error)
    if (full !== 'perhaps') return full === 'yes'
    try {
      return diskRoomNow(dataDir).free < reserveSize
    } catch {
      return false
    }
  }

  const judge = (now: DiskRoom) => {
    room = now
    const mark = lowMark(now, config.diskLowBelow)
    // It is no longer low once there is clearly more room: not at every mail that comes and goes.
    const low = now.free < (isLow ? mark * 1.1 : mark)
    if (low === isLow) return
    isLow = low
    const free = megabytes(now.free)
    if (!low) return log.info({ free }, 'the disk of the data directory has room again')
    toMail = true
    log.warn(
      { free, dataDir },
      'the disk of the data directory runs low: make room before calls cannot be written down any more',
    )
  }

  const takeReserve = async ({ free }: DiskRoom) => {
    // As much again has to be left to everybody else.
    if (reserve.held || free < 2 * reserveSize) return
    if (await reserve.take()) log.info({ megabytes: megabytes(reserveSize) }, 'a reserve of the disk is held')
  }

  const mail = async (db: Database) => {
    if (!toMail) return
    mailedAt = clock.monotonic()
    const at = clock.wall()
    await db.transaction().execute(async (transaction) => {
      if (!(await wasMailed(transaction, { kind: 'disk-low' }, mailEvery, at)))
        await enqueueOperatorMail(
          transaction,
          operatorEmail,
          { event: 'disk-low', at, free: room?.free ?? 0 },
          at,
        )
    })
    toMail = false
  }

  const look = async (db: Database) => {
    try {
      const now = await diskRoomAt(dataDir)
      judge(now)
      if (clock.monotonic() >= reserveFrom) await takeReserve(now)
      await mail(db)
    } catch (err) {
      log.error({ err }, 'the disk of the data directory could not be looked at')
    }
  }

  return {
    makeRoom(error) {
      if (!hasNoRoom(error)) return false
      if (reserve.giveBack()) {
        madeAt = clock.monotonic()
        toMail = true
        log.error(
          { err: error, dataDir, megabytes: megabytes(reserveSize) },
          'the disk is full: the reserve was given back, so that calls still get through for a while. Make room now',
        )
      }
      return clock.monotonic() - madeAt < justMade
    },
    async tick(db) {
      const now = clock.monotonic()
      if (now < lookAt && !(toMail && mailedAt < madeAt)) return
      lookAt = now < reserveFrom ? reserveFrom : now + lookEvery
      await look(db)
    },
    get room() {
      return room
    },
    get isLow() {
      return isLow
    },
    get isReserveHeld() {
      return reserve.held
    },
  }
}

const megabytes = (bytes: number) => Math.round(bytes / megabyte)
