import { existsSync, statSync } from 'node:fs'
import { sql } from 'kysely'
import type { Config } from '../config.ts'
import { type DataDirectory, dataDirectoryAt, opennessOf } from '../data-directory.ts'
import { reserveSize } from '../database/disk-reserve.ts'
import { diskRoomAt, lowMark } from '../database/disk-room.ts'
import { isMigrationPending } from '../database/migrate.ts'
import { openToLook } from '../database/open-database.ts'
import type { Database } from '../database/tables.ts'
import { lastWrite } from '../database/write-probe.ts'
import { StartupError } from '../startup-error.ts'
import { type Finding, look, messageOf, ok, sizeText, wrong } from './finding.ts'
import { offsetText, secondText } from './local-time.ts'
import { writesFinding } from './writes-finding.ts'

/** What is written ahead of the database and not carried into it: more than this, and something keeps it from being. */
const mostAhead = 134_217_728

/** The data directory and the disk it is on. */
export async function examineDirectory(config: Config, isRunning: boolean): Promise<Finding[]> {
  const { dataDir } = config
  if (!existsSync(dataDir))
    return [look('data', `There is no data directory ${dataDir} yet. The first start makes it: npm start`)]
  return [ownerFinding(dataDir), ...(await diskFindings(config, dataDirectoryAt(dataDir), isRunning))]
}

function ownerFinding(dataDir: string): Finding {
  const open = opennessOf(dataDir)
  const worst = open.find(({ stranger }) => stranger !== undefined) ?? open[0]
  if (worst === undefined) return ok('data', `${dataDir} is for its owner alone.`)
  if (worst.stranger === undefined)
    return look(
      'data',
      `${worst.path} is open to other users of this machine. chmod ${worst.path === dataDir ? '700' : '600'} ${worst.path} closes it now; the next start or command does so too.`,
    )
  return wrong(
    'data',
    `${worst.path} belongs to another user (uid ${worst.stranger}). Run this and the server as that user, or give it to this one with chown.`,
  )
}

async function diskFindings(
  config: Config,
  { reserve }: DataDirectory,
  isRunning: boolean,
): Promise<Finding[]> {
  const room = await diskRoomAt(config.dataDir)
  const told = `${sizeText(room.free)} of ${sizeText(room.total)} are free`
  const mark = lowMark(room, config.diskLowBelow)
  const findings: Finding[] = []
  if (room.free < 2 * reserveSize)
    findings.push(wrong('disk', `${told}: calls will not be written down any more soon. Make room now.`))
  else if (room.free < mark)
    findings.push(look('disk', `${told}, less than ${sizeText(mark)}. Make room, or set DISK_LOW_MB.`))
  else findings.push(ok('disk', `${told}.`))
  const isHeld = statSync(reserve, { throwIfNoEntry: false })?.size === reserveSize
  if (isHeld) findings.push(ok('reserve', `${sizeText(reserveSize)} are held for when the disk is full.`))
  else
    findings.push(
      look(
        'reserve',
        isRunning
          ? `No room is held for when the disk is full. The server takes it within a minute, where ${sizeText(2 * reserveSize)} are free.`
          : `No room is held for when the disk is full. A server that runs takes it within a minute.`,
      ),
    )
  return findings
}

/** The database, looked at beside whoever serves it. */
export async function examineDatabase(config: Config, isRunning: boolean): Promise<Finding[]> {
  const { database: path } = dataDirectoryAt(config.dataDir)
  if (!existsSync(path)) return [look('database', `There is none yet at ${path}. The first start makes it.`)]
  let db: Database | undefined
  try {
    db = openToLook(path)
    const whole = await wholeFinding(db, path)
    if (whole.mark === 'wrong') return [whole]
    const version = await versionFinding(db, isRunning)
    if (version.mark !== 'ok') return [whole, version]
    return [whole, version, ...(await sizeFindings(db, path, config)), ...(await momentFindings(db))]
  } catch (cause) {
    return [wrong('database', `${path} cannot be read (${messageOf(cause)}). ${restore}`)]
  } finally {
    await db?.destroy()
  }
}

const momentFindings = async (db: Database) => [await clockFinding(db), await writesFinding(db, Date.now())]

const restore = 'Put a sound copy in its place, or move it away to start with an empty one.'

async function wholeFinding(db: Database, path: string): Promise<Finding> {
  const { rows } = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(db)
  const verdict = rows[0]?.quick_check.replaceAll(/\s+/g, ' ')
  return verdict === 'ok'
    ? ok('database', `${path} is whole.`)
    : wrong('database', `${path} is damaged (${verdict}). ${restore}`)
}

async function versionFinding(db: Database, isRunning: boolean): Promise<Finding> {
  try {
    if (!(await isMigrationPending(db))) return ok('version', 'Its tables are those of this version.')
    return look(
      'version',
      isRunning
        ? 'Its tables are those of an older version, and so is the server that runs: restart it.'
        : 'Its tables are those of an older version. The next start brings them up to date; copy the data directory before if you may want to go back.',
    )
  } catch (cause) {
    if (cause instanceof StartupError) return wrong('version', cause.message)
    throw cause
  }
}

async function sizeFindings(db: Database, path: string, config: Config): Promise<Finding[]> {
  const size = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0
  const ahead = size(`${path}-wal`)
  const count = async (table: 'user' | 'call' | 'audit' | 'mail') => {
    const row = await db
      .selectFrom(table)
      .select((expression) => expression.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return row.count
  }
  const counted = (many: number, one: string, more: string) =>
    `${many.toLocaleString('en')} ${many === 1 ? one : more}`
  const days = (ms: number) => `${Math.round(ms / 86_400_000)} days`
  const sentence = [
    `${sizeText(size(path) + ahead)}: ${counted(await count('user'), 'person', 'people')}, ${counted(await count('call'), 'call', 'calls')} (kept ${days(config.callsKeptFor)}),`,
    `${counted(await count('audit'), 'entry', 'entries')} of the record (kept ${days(config.auditKeptFor)}), ${counted(await count('mail'), 'mail', 'mails')}.`,
  ].join(' ')
  return [
    ok('sizes', sentence),
    ...(ahead > mostAhead
      ? [
          look(
            'database',
            `${sizeText(ahead)} are written ahead of it and cannot be carried into it: some program keeps reading. End it: fuser ${path}`,
          ),
        ]
      : []),
    await mailFinding(db),
  ]
}

/** A mail that was tried so often waits for more than a quarter of an hour. */
const manyTries = 10

async function mailFinding(db: Database): Promise<Finding> {
  const waiting = await db
    .selectFrom('mail')
    .select(['tries', 'failed'])
    .where('nextAt', 'is not', null)
    .orderBy('tries', 'desc')
    .execute()
  const [worst] = waiting
  if (worst === undefined) return ok('outbox', 'No mail waits.')
  const told = waiting.length === 1 ? '1 mail waits' : `${waiting.length} mails wait`
  if (worst.tries < manyTries) return ok('outbox', `${told} to leave.`)
  return look('outbox', `${told}; one was tried ${worst.tries} times (${worst.failed ?? 'without a word'}).`)
}

/** A difference that nothing but a clock makes, in ms. */
const aheadAtMost = 10_000

async function clockFinding(db: Database): Promise<Finding> {
  const last = await lastWrite(db)
  const ahead = last === undefined ? 0 : last - Date.now()
  const now = Date.now()
  const time = `${secondText(now)}${offsetText(now)}`
  if (ahead <= aheadAtMost) return ok('clock', `It is ${time}.`)
  return look(
    'clock',
    `It is ${time} here, and the database was written to ${Math.round(ahead / 1_000)} s later than that: the clock was set back. Let it be set by NTP.`,
  )
}
