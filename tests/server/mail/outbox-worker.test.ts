import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import type { MailTransport } from '../../../server/mail/mail-transport.ts'
import { enqueueMail } from '../../../server/mail/outbox.ts'
import { openOutboxWorker } from '../../../server/mail/outbox-worker.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestDatabase } from '../support/in-process-server.ts'
import { testClock } from '../support/test-clock.ts'

/** A worker whose every request fails to be resolved but those of `good` ones, and whose every mail leaves. */
async function failingRequests() {
  const [db, clock] = [await openTestDatabase(temporaryFolder()), testClock()]
  const resolved: string[] = []
  const sent: string[] = []
  let polls = 0
  /** In which order requests were settled and mails sent. */
  const order: string[] = []
  const transport: MailTransport = {
    async send({ to }) {
      sent.push(to)
      order.push(to)
    },
  }
  const worker = openOutboxWorker({
    db,
    clock,
    transport,
    log: pino({ level: 'silent' }),
    write: async ({ id, to, language, madeAt }) => ({
      id,
      to,
      language,
      madeAt,
      subject: '',
      text: '',
      html: '',
    }),
    requests: {
      kinds: ['reset-asked', 'sign-up-asked'],
      async resolve(requests) {
        if (requests.length === 1) for (const { row } of requests) resolved.push(row.to)
        if (requests.some(({ row }) => !row.to.startsWith('good'))) throw new Error('on purpose')
        for (const { row } of requests) {
          order.push(row.to)
          await db.deleteFrom('mail').where('id', '=', row.id).execute()
        }
      },
    },
    gather: async () => {
      polls += 1
    },
  })
  return {
    clock,
    resolved,
    sent,
    order,
    rows: () => db.selectFrom('mail').select(['tries', 'nextAt', 'values']).execute(),
    ask: (to: string) =>
      enqueueMail(
        db,
        { kind: 'sign-up-asked', values: { address: '192.0.2.1' }, to, language: 'en' },
        clock.wall(),
      ),
    mail: (to: string) =>
      enqueueMail(db, { kind: 'known', values: {}, to, language: 'en' }, clock.wall() + 1),
    /** Lets time pass until the outbox is looked into anew, so that the look before is at its end. */
    async pass(ms: number) {
      const before = polls
      clock.advance(ms)
      await vi.waitUntil(
        () => {
          worker.tick()
          return polls > before
        },
        { interval: 1, timeout: 5_000 },
      )
    },
  }
}

test('M4.4 a request that cannot be resolved is tried again later each time, and keeps no mail from leaving', async () => {
  const outbox = await failingRequests()
  for (let n = 0; n < 60; n += 1) await outbox.ask(`${n}@clinic.example`)
  await outbox.mail('ann@clinic.example')
  for (let second = 0; second < 10; second += 1) await outbox.pass(1_100)
  expect(outbox.sent).toEqual(['ann@clinic.example'])
  // At once, and after 1 s, 2 s and 4 s.
  expect(outbox.resolved.filter((to) => to === '0@clinic.example')).toHaveLength(4)
})

test('M4.4 M4.2 a request whose use has passed is dropped, and nobody is looked for', async () => {
  const outbox = await failingRequests()
  await outbox.ask('ann@clinic.example')
  await outbox.pass(3 * 86_400_000)
  await outbox.pass(3_600_000)
  expect(outbox.resolved).toEqual([])
  expect(await outbox.rows()).toEqual([{ tries: 1, nextAt: null, values: null }])
})

test('M4.7 requests have a line of their own: no mail waits behind more than fifty of them', async () => {
  const outbox = await failingRequests()
  for (let n = 0; n < 200; n += 1) await outbox.ask(`good-${n}`)
  await outbox.mail('first@clinic.example')
  await outbox.pass(1_100)
  await vi.waitUntil(() => outbox.order.length === 201, { timeout: 5_000 })
  expect(outbox.order[0]).toBe('first@clinic.example')
  expect(outbox.order.slice(1)).toEqual(Array.from({ length: 200 }, (_, n) => `good-${n}`))
})
