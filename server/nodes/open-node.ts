import { randomUUID } from 'node:crypto'
import type { Bus } from '../bus/bus.ts'
import { openNatsBus } from '../bus/nats-bus.ts'
import type { Clock } from '../clock.ts'
import { openPostgres } from '../database/open-postgres.ts'
import type { Database } from '../database/tables.ts'
import { every } from '../every.ts'
import type { Log } from '../log.ts'
import { createDatabaseClock, type DatabaseClock } from './database-clock.ts'
import { type Hearing, openHearing } from './hearing.ts'
import type { NodeConfig } from './node-config.ts'
import { createNodeRecord, type NodeRecord } from './node-record.ts'
import { type SharedSettings, settingsPrint } from './node-settings.ts'
import { nodeTiming } from './node-timing.ts'

/** What makes a server one of several. */
export interface Node {
  readonly db: Database
  readonly bus: Bus
  readonly clock: DatabaseClock
  readonly record: NodeRecord
  readonly hearing: Pick<Hearing, 'isCutOff' | 'canOthersDrive'>
  /** Each of its lines says which node it is of. */
  readonly log: Log
  close(): Promise<void>
}

/**
 * Opens what all nodes share.
 *
 * @param machine the clocks of this machine, of which the wall clock is not asked for long.
 * @throws StartupError when the database or NATS cannot be used, or nodes that live have other settings, with nothing left open.
 */
export async function openNode(
  config: NodeConfig & SharedSettings,
  machine: Clock,
  machineLog: Log,
): Promise<Node> {
  const id = randomUUID()
  const log = machineLog.child({ node: id })
  const clock = createDatabaseClock(machine)
  const db = await openPostgres(config.databaseUrl)
  try {
    const record = createNodeRecord({ db, clock, log, id, settings: settingsPrint(config) })
    // Of whoever the bus has not heard yet, it tells by the clock that all nodes share whether what they say is old.
    await record.register()
    await record.agree()
    const bus = await openNatsBus(config.nats, {
      now: clock.wall,
      log,
      onError: (subject, err) => log.error({ err, subject }, 'a message on the bus failed'),
    })
    const hearing = await openHearing({ bus, record, log }).catch(async (error) => {
      await bus.close()
      throw error
    })
    const saying = every(clock, nodeTiming.looksEvery, async () => hearing.say())
    return {
      db,
      bus: hearing.bus,
      clock,
      hearing,
      record: {
        ...record,
        async tick() {
          await saying()
          await record.tick()
        },
      },
      log,
      async close() {
        await hearing.bus.close()
        await db.destroy()
      },
    }
  } catch (error) {
    await db.destroy()
    throw error
  }
}
