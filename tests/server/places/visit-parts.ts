import { pino } from 'pino'
import type { PersonPresence } from '../../../protocol/programs.ts'
import type { Bus } from '../../../server/bus/bus.ts'
import { openCalls } from '../../../server/calls/calls.ts'
import type { Clock } from '../../../server/clock.ts'
import type { Database } from '../../../server/database/tables.ts'
import { createPlaceCounts } from '../../../server/places/place-counts.ts'
import { openPlaceLights } from '../../../server/places/place-lights.ts'
import { createVisitTime } from '../../../server/places/visit-time.ts'
import { openVisits } from '../../../server/places/visits.ts'

interface VisitPartsOptions {
  readonly db: Database
  readonly bus: Bus
  readonly clock: Clock
  readonly presenceOf: (userId: string) => Promise<PersonPresence>
  readonly learn?: () => Promise<void>
  readonly running?: () => number
}

/** What of a server visits go by, each part a real one, over a database and a bus that others may have too. */
export function openVisitParts({ db, bus, clock, presenceOf, learn, running }: VisitPartsOptions) {
  const log = pino({ level: 'silent' })
  const time = createVisitTime({ db, clock, ...(learn && { learn }), ...(running && { running }) })
  const writeProbe = {
    isWritable: async () => true,
    tick: async () => {},
    guard: <T>(write: () => Promise<T>) => write(),
  }
  const calls = openCalls({
    ...{ db, bus, clock, log, ringFor: 45_000, roomAddress: ({ room }) => room },
    callRates: { perMinute: 60_000, perMinuteToOne: 60_000 },
    writeProbe,
    onVisit: (id, call) => visits.onCallOver(id, call),
    timeOfVisits: time.now,
  })
  const lights = openPlaceLights({
    db,
    clock,
    time,
    writeProbe,
    presenceOf,
    canTalk: () => true,
    lookedAtMostEvery: 0,
  })
  const counts = createPlaceCounts()
  /** The calls whose rooms are over by their visitor. */
  const hungUp = new Set<string>()
  const visits = openVisits({
    ...{ db, bus, clock, time, log, calls, lights, counts },
    ...{ secret: 'a secret', roomFor: ({ room }) => room },
    hangUp: async ({ id }) => void hungUp.add(id),
  })
  return { calls, lights, counts, visits, hungUp }
}
