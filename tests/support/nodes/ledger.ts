import type { CallRow } from '../../../server/database/call-tables.ts'
import type { CallerRecord } from './caller.ts'
import type { FleetDevice } from './fleet-device.ts'

/** What nobody may find when all is over, each with words that tell which call and how. */
export interface Verdict {
  readonly calls: number
  readonly outcomes: Readonly<Record<string, number>>
  /** Told as placed, and not there; or without an end; or one whose caller was never told it. */
  readonly lost: readonly string[]
  /** Made twice, answered twice, or ended twice. */
  readonly doubled: readonly string[]
  /** Caller, callee and row do not say the same. */
  readonly disagreeing: readonly string[]
  /** Callers who gave up before anybody told them that their call is placed. */
  readonly refused: readonly string[]
}

const isOver = (state: string) => ['answered', 'declined', 'cancelled', 'missed'].includes(state)

type Row = Pick<CallRow, 'id' | 'idempotencyKey' | 'state' | 'byDevice'>

/** Holds what each side was told against the rows and against one another. */
export function judge(
  records: readonly CallerRecord[],
  devices: readonly FleetDevice[],
  rows: readonly Row[],
): Verdict {
  const lost: string[] = []
  const doubled: string[] = []
  const disagreeing: string[] = []
  const refused: string[] = []
  const outcomes: Record<string, number> = {}
  const byKey = Map.groupBy(rows, ({ idempotencyKey }) => idempotencyKey)
  const told = new Map<
    string,
    { device: string; call: NonNullable<ReturnType<FleetDevice['calls']['get']>> }[]
  >()
  for (const { person, calls } of devices)
    for (const call of calls.values()) {
      const all = told.get(call.id) ?? []
      all.push({ device: person.device, call })
      told.set(call.id, all)
    }

  for (const record of records) {
    const [row, ...others] = byKey.get(record.key) ?? []
    if (others.length > 0) doubled.push(`${record.key}: ${others.length + 1} rows`)
    if (!record.id) {
      refused.push(`${record.key}: ${record.gaveUp}`)
      if (row && !isOver(row.state))
        lost.push(`${row.id}: ${row.state}, and nobody was told that it is placed`)
      continue
    }
    if (!row || row.id !== record.id) {
      lost.push(`${record.id}: told as placed, and not there`)
      continue
    }
    outcomes[row.state] = (outcomes[row.state] ?? 0) + 1
    if (!isOver(row.state)) lost.push(`${row.id}: still ${row.state}`)
    else if (record.ends.length === 0) lost.push(`${row.id}: ${row.state}, and its caller was never told`)
    const ends = new Set(record.ends.map(({ state }) => state))
    if (ends.size > 1) doubled.push(`${row.id}: its caller was told ${[...ends].join(' and ')}`)
    for (const end of ends)
      if (end !== row.state) disagreeing.push(`${row.id}: ${row.state}, and its caller was told ${end}`)
    judgeDevices(row)
  }

  function judgeDevices(row: Row): void {
    const there = told.get(row.id) ?? []
    const here = there.filter(({ call }) => call.ends.some((end) => end.here))
    if (here.length > 1) doubled.push(`${row.id}: ${row.state} on ${here.length} devices`)
    for (const { device, call } of there) {
      const outcomesHere = new Set(call.ends.map(({ outcome }) => outcome))
      if (outcomesHere.size > 1)
        doubled.push(`${row.id}: ${device} was told ${[...outcomesHere].join(' and ')}`)
      for (const outcome of outcomesHere)
        if (outcome !== row.state)
          disagreeing.push(`${row.id}: ${row.state}, and ${device} was told ${outcome}`)
      if (call.pressed && call.ends.length === 0)
        disagreeing.push(
          `${row.id}: ${row.state}, and ${device} pressed ${call.pressed} and was told nothing`,
        )
      if (call.ends.some((end) => end.here) && row.byDevice !== device)
        disagreeing.push(`${row.id}: ${device} was told that it was by it, and it was by ${row.byDevice}`)
    }
    if (row.byDevice !== null && !there.some(({ device }) => device === row.byDevice))
      disagreeing.push(`${row.id}: ${row.state} by ${row.byDevice}, which never rang`)
  }

  return { calls: records.length, outcomes, lost, doubled, disagreeing, refused }
}

/** For how long of a stretch, in ms, a device was green. */
export function greenWithin({ light }: Pick<FleetDevice, 'light'>, from: number, until: number): number {
  let green = 0
  for (const [n, change] of light.entries()) {
    if (!change.green) continue
    const end = light[n + 1]?.at ?? Number.POSITIVE_INFINITY
    green += Math.max(0, Math.min(end, until) - Math.max(change.at, from))
  }
  return green
}

/** The longest stretch, in ms, within another in which a device was not green. */
export function longestOff({ light }: Pick<FleetDevice, 'light'>, from: number, until: number): number {
  let longest = 0
  let offSince: number | undefined = (light[0]?.at ?? until) > from ? from : undefined
  for (const { at, green } of light) {
    if (!green) offSince = Math.max(at, from)
    else if (offSince !== undefined) {
      longest = Math.max(longest, Math.min(at, until) - offSince)
      offSince = undefined
    }
  }
  return offSince === undefined ? longest : Math.max(longest, until - offSince)
}
