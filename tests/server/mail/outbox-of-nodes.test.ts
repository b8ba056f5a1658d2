import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { openPostgres } from '../../../server/database/open-postgres.ts'
import type { MailTransport } from '../../../server/mail/mail-transport.ts'
import { enqueueMail } from '../../../server/mail/outbox.ts'
import { openOutboxWorker } from '../../../server/mail/outbox-worker.ts'
import { migratedPostgres } from '../../support/nodes/postgres.ts'
import { testClock } from '../support/test-clock.ts'

/** Nodes with one outbox, whose mail servers answer when they are told to. */
async function outboxOfNodes() {
  const [db, clock] = [await openPostgres(await migratedPostgres()), testClock()]
  onTestFinished(() => db.destroy())
  const node = () => {
    let polls = 0
    const sending: (() => void)[] = []
    const transport: MailTransport = {
      send: () => new Promise<void>((resolve) => sending.push(resolve)),
    }
    const worker = openOutboxWorker({
      db,
      clock,
      transport,
      log: pino({ level: 'silent' }),
      write: async ({ id, to, language, madeAt }) => ({
        ...{ id, to, language, madeAt },
        ...{ subject: '', text: '', html: '' },
      }),
      requests: { kinds: ['reset-asked', 'sign-up-asked'], resolve: async () => {} },
      gather: async () => {
        polls += 1
      },
    })
    return {
      /** One for each mail that is on its way: the mail server has it now. */
      sending,
      /** Looks into the outbox until it sends a mail, or has looked at all that is there. */
      async poll() {
        const [until, before] = [polls + 2, sending.length]
        await expect
          .poll(() => {
            worker.wake()
            worker.tick()
            return polls >= until || sending.length > before
          })
          .toBe(true)
      },
    }
  }
  const rows = () => db.selectFrom('mail').select(['tries', 'nextAt', 'sentAt', 'failed']).execute()
  const mail = { kind: 'known', values: {}, to: 'ann@clinic.example', language: 'en' } as const
  await enqueueMail(db, mail, clock.wall())
  return { clock, node, rows }
}

test('J2.7 a mail whose server takes its time is sent by the node that began, and by no other', async () => {
  const { clock, node, rows } = await outboxOfNodes()
  const [one, two] = [node(), node()]
  await one.poll()
  expect(one.sending).toHaveLength(1)
  for (const passed of [1_500, 10_000, 47_000]) {
    clock.advance(passed)
    await two.poll()
    expect(two.sending).toEqual([])
  }
  one.sending[0]?.()
  await expect
    .poll(rows)
    .toMatchObject([{ tries: 1, nextAt: null, sentAt: expect.any(Number), failed: null }])
})

test('J2.7 what a node left half done another sends, and who comes back later says nothing of it', async () => {
  const { clock, node, rows } = await outboxOfNodes()
  const [one, two] = [node(), node()]
  await one.poll()
  clock.advance(91_000)
  await two.poll()
  expect(two.sending).toHaveLength(1)
  two.sending[0]?.()
  await expect.poll(rows).toMatchObject([{ tries: 2, nextAt: null, sentAt: expect.any(Number) }])
  const sent = await rows()
  clock.advance(5_000)
  one.sending[0]?.()
  await one.poll()
  expect(await rows()).toEqual(sent)
})
