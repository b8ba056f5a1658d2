import { expect, onTestFinished, test } from 'vitest'
import { createDeviceNotifier } from '../../../server/accounts/device-notifier.ts'
import { personSubject } from '../../../server/bus/person-message.ts'
import { hearOn, untilReached } from '../../contracts/bus.ts'
import { startNats } from '../../support/nodes/nats.ts'
import { natsSettings, openNatsEnd } from '../../support/nodes/nats-bus-end.ts'
import { startTcpProxy } from '../../support/nodes/tcp-proxy.ts'
import { testClock } from '../support/test-clock.ts'

test('B4.1 what a node says of a person while it has lost NATS, or as it is being lost, is said again once it is back', async () => {
  const nats = await startNats()
  const way = await startTcpProxy(() => [nats.port])
  onTestFinished(() => way.close())
  const near = await openNatsEnd({ NATS_URL: `nats://127.0.0.1:${way.port}` })
  const far = await openNatsEnd(natsSettings(nats))
  const [clock, people] = [testClock(), ['ann', 'ben', 'cleo', 'dan'] as const]
  const heard = new Map(people.map((who) => [who, hearOn(far, personSubject(who)).heard]))
  await untilReached(near, far)
  const notify = createDeviceNotifier(near, clock)
  // Long before.
  notify.sessionsEnded('dan')
  await expect.poll(() => heard.get('dan')).toHaveLength(1)
  clock.advance(6_000)
  way.stall()
  notify.sessionsEnded('ann')
  notify.accountChanged('ben')
  await expect.poll(() => near.isConnected, { timeout: 6_000 }).toBe(false)
  clock.advance(60_000)
  notify.sessionsEnded('cleo')
  notify.sessionsEnded('ann')
  way.drop()
  way.mend()
  await expect.poll(() => near.isConnected, { timeout: 10_000 }).toBe(true)
  await expect.poll(() => heard.get('cleo')).toEqual([{ kind: 'sessions-changed' }])
  expect(heard.get('ann')).toEqual([{ kind: 'sessions-changed' }])
  expect(heard.get('ben')).toEqual([{ kind: 'account' }])
  expect(heard.get('dan')).toHaveLength(1)
}, 30_000)
