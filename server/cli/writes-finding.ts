import { awayAfter } from '../database/server-away.ts'
import type { Database } from '../database/tables.ts'
import { type Finding, look, ok } from './finding.ts'

const day = 86_400_000

/** A restart or two leave so many; who has more looks why. */
const few = 2

/** In which stretches of the last day no call could be written down. */
export async function writesFinding(db: Database, now: number): Promise<Finding> {
  const stretches = await awayAfter(db, now - day)
  if (stretches.length === 0) return ok('writes', 'In the last day calls could be written down at any time.')
  const seconds = Math.ceil(stretches.reduce((sum, { from, until }) => sum + until - from, 0) / 1_000)
  const times = stretches.length === 1 ? '1 stretch' : `${stretches.length} stretches`
  const told = `${times} of not writing in the last day, ${seconds} s in all: no server ran, or its database took no write.`
  return stretches.length <= few
    ? ok('writes', told)
    : look('writes', `${told} Where they were no restarts, the log says what failed.`)
}
