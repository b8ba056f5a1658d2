import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { CallRow } from '../../../server/database/call-tables.ts'
import type { CallerRecord } from '../../support/nodes/caller.ts'
import type { FleetDevice } from '../../support/nodes/fleet-device.ts'

/** What happened, line by line with its time: what nodes printed, what was broken, and what was found in the end. */
export interface Chronicle {
  readonly note: (who: string, line: string) => void
  readonly close: () => Promise<void>
}

export function openChronicle(file: string): Chronicle {
  mkdirSync(dirname(file), { recursive: true })
  const stream = createWriteStream(file)
  return {
    note: (who, line) => void stream.write(`${new Date().toISOString()} ${who} ${line}\n`),
    close: () => new Promise((resolve) => stream.end(resolve)),
  }
}

export const noChronicle: Chronicle = { note: () => {}, close: async () => {} }

const wall = (at: number) => new Date(performance.timeOrigin + at).toISOString()

/** What happened to a device within so many ms of a ring. */
const around = 40_000

/** What happened to a device from a time on, by `performance.now()`. */
export const historyOf = ({ person, history }: FleetDevice, from: number): string =>
  JSON.stringify({
    device: person.device,
    history: history.filter(({ at }) => at >= from).map(({ at, what }) => `${wall(at)} ${what}`),
  })

/** All that each side knows of a call, one line for each. */
export function storyOf(
  id: string,
  records: readonly CallerRecord[],
  devices: readonly FleetDevice[],
  rows: readonly CallRow[],
): readonly string[] {
  const row = rows.find((one) => one.id === id || one.idempotencyKey === id)
  const called = row?.id ?? id
  const callers = records.filter((record) => record.id === called || record.key === id)
  const rung = devices.flatMap(({ person, calls, history }) => {
    const call = calls.get(called)
    if (!call) return []
    const near = (at: number) => call.rungAt.some((rungAt) => Math.abs(at - rungAt) < around)
    return {
      ...{ device: person.device, ...call, rungAt: call.rungAt.map(wall) },
      history: history.filter(({ at }) => near(at)).map(({ at, what }) => `${wall(at)} ${what}`),
    }
  })
  return [
    `row ${JSON.stringify(row)}`,
    ...callers.map((caller) => `caller ${JSON.stringify({ ...caller, askedAt: wall(caller.askedAt) })}`),
    ...rung.map((device) => `device ${JSON.stringify(device)}`),
  ]
}
