import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createDiskReserve, reserveSize } from '../../../server/database/disk-reserve.ts'
import { lowMark, saysDiskFull } from '../../../server/database/disk-room.ts'
import { createWriteProbe } from '../../../server/database/write-probe.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { callerOf, post } from '../support/api-client.ts'
import { type InProcessServer, openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'
import { ann, settle } from '../support/people.ts'
import { testClock } from '../support/test-clock.ts'
import { reachableDevice } from '../support/websocket-device.ts'

const megabyte = 1_048_576
const low = 'the disk of the data directory runs low: make room before calls cannot be written down any more'

/** A disk of its own, of so many megabytes, which only root can make. */
function smallDisk(megabytes: number): string {
  const folder = join(temporaryFolder(), 'disk')
  mkdirSync(folder)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', folder])
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  return folder
}

/** Takes all the room that a disk has left. */
function fill(disk: string): string {
  const file = join(disk, 'ballast')
  let fits = true
  for (let bytes = megabyte; bytes >= 1; bytes = fits ? bytes : Math.floor(bytes / 2))
    try {
      writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' })
      fits = true
    } catch {
      fits = false
    }
  return file
}

const reserveOf = (server: InProcessServer) => join(server.dataDir, 'reserve')

/** Starts a server, and keeps what it says. */
async function startSaying(dataDir: string, env: Record<string, string> = {}) {
  const said: { level: number; msg: string; free?: number }[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void said.push(JSON.parse(line)) })
  const server = await startInProcessServer({ dataDir, env, log })
  return {
    server,
    said: (level: number) => said.filter((line) => line.level === level).map(({ msg }) => msg),
  }
}

const holdsReserve = (server: InProcessServer) =>
  expect.poll(() => statSync(reserveOf(server), { throwIfNoEntry: false })?.size).toBe(reserveSize)

/** Starts a server that has taken its reserve. */
async function withReserve(dataDir: string, env: Record<string, string> = {}) {
  const started = await startSaying(dataDir, env)
  started.server.clock.advance(60_000)
  await holdsReserve(started.server)
  return started
}

test('D2.6 D2.7 a disk is judged as the server starts, which does not wait for the reserve', async () => {
  const { server, said } = await startSaying(smallDisk(90), {
    DISK_LOW_MB: '100',
    OPERATOR_EMAIL: 'op@clinic.example',
  })
  expect(said(40)).toContain(low)
  const db = await server.db()
  expect(await db.selectFrom('mail').select('to').where('kind', '=', 'disk-low').execute()).toEqual([
    { to: 'op@clinic.example' },
  ])
  expect(existsSync(reserveOf(server))).toBe(false)
  server.clock.advance(10_000)
  await holdsReserve(server)
  expect(said(40).filter((line) => line === low)).toHaveLength(1)
})

test('D2.6 a reserve of real room is held within a minute, for its owner alone, and kept over a restart', async () => {
  const { server } = await withReserve(temporaryFolder())
  const { mode, blocks } = statSync(reserveOf(server))
  expect(mode & 0o077).toBe(0)
  expect(blocks * 512).toBeGreaterThanOrEqual(reserveSize)
  await server.close()
  const { mtimeMs } = statSync(reserveOf(server))
  const again = await withReserve(server.dataDir)
  expect(statSync(reserveOf(again.server)).mtimeMs).toBe(mtimeMs)
})

test('D2.6 T3.3 on a full disk the reserve is given back at once: nobody’s lease ends, and calls get through', async () => {
  const disk = smallDisk(120)
  const { server, said } = await withReserve(disk, { OPERATOR_EMAIL: 'operator@clinic.example' })
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const ballast = fill(disk)

  // Calls that nobody hears of fill what SQLite has of its own.
  const db = await server.db()
  const row = await db.selectFrom('user').select('id').executeTakeFirstOrThrow()
  const call = {
    userId: row.id,
    to: 'ann',
    placedBy: 'x',
    state: 'missed',
    devices: 0,
    at: server.clock.wall(),
  } as const
  const place = async (n: number) => {
    const placing = callerOf(server).place('ann', 'Dr Bell')
    device.send({ type: 'rings', call: (await device.next('ring')).call.id })
    const { id, state } = await placing
    await callerOf(server).cancel(id)
    server.clock.advance(6_000)
    await device.lease()
    return [n, state]
  }
  for (let n = 0; existsSync(reserveOf(server)); n += 1) {
    await db
      .insertInto('call')
      .values(
        Array.from({ length: 200 }, (_, m) => ({
          ...call,
          id: `${n}-${m}`,
          from: 'f'.repeat(200),
          room: `${n}-${m}`,
        })),
      )
      .execute()
      .catch(() => {})
    expect(await place(n)).toEqual([n, 'ringing'])
  }
  expect(device.received.filter(({ type }) => type === 'no-lease')).toEqual([])
  expect(said(50)).toContain(
    'the disk is full: the reserve was given back, so that calls still get through for a while. Make room now',
  )
  expect((await fetch(`${server.url}/ready`)).status).toBe(200)
  expect(await place(-1)).toEqual([-1, 'ringing'])
  const mails = () => db.selectFrom('mail').select(['kind', 'to']).where('kind', '=', 'disk-low').execute()
  await expect.poll(mails).toEqual([{ kind: 'disk-low', to: 'operator@clinic.example' }])

  // With room the reserve is taken again, and the next time is told too; the operator is mailed once a day.
  rmSync(ballast)
  server.clock.advance(60_000)
  await expect.poll(() => existsSync(reserveOf(server)) && statSync(reserveOf(server)).size).toBe(reserveSize)
  expect(await mails()).toHaveLength(1)
})

test('D2.6 a disk that has no room for a reserve runs a server all the same', async () => {
  const server = await startInProcessServer({ dataDir: smallDisk(40) })
  await settle(server, ann)
  for (let n = 0; n < 3; n += 1) {
    server.clock.advance(60_000)
    expect(await callerOf(server).place('ann')).toMatchObject({ disposition: 'unreachable' })
  }
  expect(readdirSync(server.dataDir)).not.toContain('reserve')
  expect((await fetch(`${server.url}/ready`)).status).toBe(200)
})

test('D2.6 a reserve that was cut short, or is a hole, is none, and is written anew', async () => {
  const path = join(temporaryFolder(), 'reserve')
  for (const make of [
    () => writeFileSync(path, 'short'),
    () => {
      writeFileSync(path, '')
      truncateSync(path, reserveSize)
    },
  ]) {
    make()
    const reserve = createDiskReserve(path)
    expect([reserve.held, await reserve.take(), reserve.held]).toEqual([false, true, true])
    expect(reserve.giveBack()).toBe(true)
    expect([existsSync(path), reserve.held, reserve.giveBack()]).toEqual([false, false, false])
  }
  // No two blocks are alike: a file system that keeps equal ones once would hold less than it says.
  const other = createDiskReserve(path)
  await other.take()
  const bytes = readFileSync(path)
  const blocks = Array.from({ length: reserveSize / 4_096 }, (_, at) =>
    bytes.toString('latin1', at * 4_096, (at + 1) * 4_096),
  )
  expect(new Set(blocks).size).toBe(blocks.length)
  other.giveBack()
  // One that is given back while it is written is not there after.
  const reserve = createDiskReserve(path)
  const taking = reserve.take()
  reserve.giveBack()
  expect([await taking, existsSync(path)]).toEqual([false, false])
  const nowhere = createDiskReserve(join(path, 'no', 'folder'))
  expect(await nowhere.take()).toBe(false)
})

test('D2.7 a disk that runs low is told early, in the log and by mail, once for each change', async () => {
  const disk = smallDisk(200)
  const { server, said } = await withReserve(disk, {
    DISK_LOW_MB: '100',
    OPERATOR_EMAIL: 'op@clinic.example',
  })
  const minute = async () => {
    server.clock.advance(60_000)
    // A tick that was under way has come to its end when a second one was seen.
    await post(server, '/api/calls', { to: 'ann' }, callerOf(server).authorization)
  }
  expect(said(40)).not.toContain(low)
  const ballast = join(disk, 'ballast')
  writeFileSync(ballast, Buffer.alloc(80 * megabyte))
  await minute()
  await expect.poll(() => said(40)).toContain(low)
  await minute()
  await minute()
  expect(said(40).filter((line) => line === low)).toHaveLength(1)
  const db = await server.db()
  expect(await db.selectFrom('mail').select('to').where('kind', '=', 'disk-low').execute()).toEqual([
    { to: 'op@clinic.example' },
  ])
  rmSync(ballast)
  await minute()
  await expect.poll(() => said(30)).toContain('the disk of the data directory has room again')
})

test('D2.7 without a setting a disk is low below 5 %, and below a gigabyte of a great one', () => {
  const gigabyte = 1_024 * megabyte
  const of = (total: number, set?: number) => lowMark({ free: 0, total }, set)
  expect([of(10 * gigabyte), of(1_000 * gigabyte), of(10 * gigabyte, 7)]).toEqual([
    0.5 * gigabyte,
    gigabyte,
    7,
  ])
})

test('D2.6 what found no room is tried again once there is some, and only then', async () => {
  const full = Object.assign(new Error('database or disk is full'), { errcode: 13 })
  expect([saysDiskFull(full), saysDiskFull(new Error('wrapped', { cause: full }))]).toEqual(['yes', 'yes'])
  expect([
    saysDiskFull(Object.assign(new Error('io'), { errcode: 778 })),
    saysDiskFull(new Error('else')),
  ]).toEqual(['perhaps', 'no'])
  const db = await openTestDatabase(temporaryFolder())
  for (const room of [true, false]) {
    const lost: unknown[] = []
    const probe = createWriteProbe({
      db,
      clock: testClock(),
      together: async () => () => {},
      makeRoom: () => room,
      onLost: (error) => lost.push(error),
      onError: () => {},
    })
    expect(await probe.isWritable()).toBe(true)
    let tries = 0
    const write = async () => {
      tries += 1
      if (tries === 1) throw full
      return 'written'
    }
    if (room) expect(await probe.guard(write)).toBe('written')
    else await expect(probe.guard(write)).rejects.toThrow('full')
    expect([tries, lost.length]).toEqual(room ? [2, 0] : [1, 1])
  }
})
