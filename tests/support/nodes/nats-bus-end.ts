import { pino } from 'pino'
import * as v from 'valibot'
import { onTestFinished } from 'vitest'
import type { Bus } from '../../../server/bus/bus.ts'
import { type NatsBusOptions, openNatsBus } from '../../../server/bus/nats-bus.ts'
import { natsConfig, natsEnvironment } from '../../../server/bus/nats-config.ts'
import type { NatsProcess } from './nats.ts'

/** What a node is told of a NATS server, as its environment. */
export const natsSettings = ({ url }: Pick<NatsProcess, 'url'>): Record<string, string> => ({ NATS_URL: url })

/** One end of a bus over NATS, for one test, from what a node's environment says. */
export async function openNatsEnd(
  settings: Record<string, string>,
  options: Partial<NatsBusOptions> = {},
): Promise<Bus> {
  const config = natsConfig(v.parse(v.object(natsEnvironment), settings), '/')
  if (!config) throw new Error('no server is named')
  const log = pino({ level: 'silent' })
  const bus = await openNatsBus(config, { now: Date.now, onError: () => {}, log, ...options })
  onTestFinished(() => bus.close())
  return bus
}
