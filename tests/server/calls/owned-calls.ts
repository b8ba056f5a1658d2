import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { createInProcessBus } from '../../../server/bus/in-process-bus.ts'
import { type LegReport, legsSubject } from '../../../server/bus/leg-report.ts'
import { parseRingMessage, ringSubject } from '../../../server/bus/person-message.ts'
import { openCalls } from '../../../server/calls/calls.ts'
import type { WriteProbe } from '../../../server/database/write-probe.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'
import { testClock } from '../support/test-clock.ts'
import { addAnn, ann as callee } from './ann.ts'

/** Calls to Ann without a server around them, and one device of hers, which acknowledges each ring at once. */
export async function ownedCalls(guard: WriteProbe['guard'] = (write) => write()) {
  const [db, bus, clock] = [await openTestDatabase(temporaryFolder()), createInProcessBus(), testClock()]
  await addAnn(db)
  const report = (what: LegReport) => bus.publish(legsSubject('ann'), what)
  bus.subscribe(ringSubject('ann'), (payload) => {
    const message = parseRingMessage(payload)
    if (message.kind !== 'ring') return undefined
    report({ kind: 'asked', call: message.call.id, connection: 'one', device: 'desk' })
    report({ kind: 'acknowledged', call: message.call.id, connection: 'one' })
    return undefined
  })
  const owner = openCalls({
    db,
    bus,
    clock,
    log: pino({ level: 'silent' }),
    callRates: { perMinute: 600, perMinuteToOne: 12 },
    ringFor: 45_000,
    roomAddress: ({ room }) => room,
    writeProbe: { isWritable: async () => true, tick: async () => {}, guard },
  })
  const asked = { to: 'ann', from: 'Dr Bell', waitFor: 0 }
  let placed = 0
  return {
    db,
    clock,
    owner,
    report,
    /** @param found is waited for before the callee is known. */
    place: (found: Promise<unknown> = Promise.resolve()) => {
      placed += 1
      // One caller has no more than three of the five calls that may ring at once.
      const placedBy = `caller-${placed % 2}`
      const find = () => found.then(() => callee)
      return owner.place({ ...asked, placedBy, idempotencyKey: randomUUID(), callee: find })
    },
  }
}
