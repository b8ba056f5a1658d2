import type { Clock } from '../clock.ts'
import type { MailRow } from '../database/mail-tables.ts'
import type { Database } from '../database/tables.ts'
import type { Log } from '../log.ts'
import { type MailContent, parseContent } from './mail-content.ts'
import { MailError, type MailTransport, type Message } from './mail-transport.ts'
import { recordDelivery, waitingMails } from './outbox.ts'
import { afterTry, delayAfter, isDue, type Outcome } from './retry-schedule.ts'

/** The outbox is polled this often, in ms: a command may have put something there. */
const pollEvery = 1_000

/** Requests for a mail that lie in the outbox before anybody has looked whom they concern. */
export interface MailRequests {
  includes(row: MailRow): boolean
  /** Puts the mail in the place of the request; or nothing. */
  resolve(row: MailRow, content: MailContent, now: number): Promise<void>
}

export interface OutboxWorkerDependencies {
  readonly db: Database
  readonly transport: MailTransport
  readonly clock: Clock
  readonly log: Log
  /** Writes the mail as it leaves; undefined when there is no point in it any more. */
  readonly write: (row: MailRow, now: number) => Promise<Message | undefined>
  readonly requests: MailRequests
  /** Puts into the outbox what has waited outside it. */
  readonly gather: (now: number) => Promise<unknown>
}

/** Takes the mails of the outbox away, one at a time, and again until they are gone. */
export interface OutboxWorker {
  /** There is a mail: poll at the next tick. */
  wake(): void
  /** Called by the shared tick. Returns at once. */
  tick(): void
  /** Resolves when the mail that is on its way now has been dealt with, or after `within` ms. */
  stop(within: number): Promise<void>
}

export function openOutboxWorker({
  db,
  transport,
  clock,
  log,
  write,
  requests,
  gather,
}: OutboxWorkerDependencies): OutboxWorker {
  let pollAt = Number.NEGATIVE_INFINITY
  let round: Promise<void> | undefined
  let stopped = false

  const attempt = async (row: MailRow): Promise<Outcome> => {
    const now = clock.wall()
    if (now >= row.uselessAt) return { kind: 'pointless' }
    const message = await write(row, now)
    if (!message) return { kind: 'pointless' }
    try {
      await transport.send(message)
      return { kind: 'sent' }
    } catch (error) {
      if (!(error instanceof MailError)) throw error
      return { kind: error.kind, why: error.message }
    }
  }

  const deliver = async (row: MailRow) => {
    const now = clock.wall()
    const tries = row.tries + 1
    // Counted before anything is done with it: a row that brings the server down, or fails for ever, is not tried at once
    // again and again, and others have their turn.
    await recordDelivery(
      db,
      row.id,
      { kind: 'again', nextAt: now + delayAfter(tries), why: row.failed },
      tries,
    )
    if (requests.includes(row) && now < row.uselessAt)
      return requests.resolve(row, parseContent(row.kind, row.values), now)
    const outcome = await attempt(row)
    const after = afterTry({ ...row, tries }, outcome, clock.wall())
    await recordDelivery(db, row.id, after, tries, clock.wall())
    const about = { mail: row.id, kind: row.kind, tries }
    if (after.kind === 'sent') log.info(about, 'a mail was sent')
    else if (outcome.kind === 'pointless') log.info(about, 'a mail was dropped: there was no point in it')
    else if (after.kind === 'again') log.warn({ ...about, why: after.why }, 'a mail will be tried again')
    else log.error({ ...about, why: after.why }, 'a mail could not be delivered')
  }

  const poll = async () => {
    const now = clock.wall()
    await gather(now)
    for (const row of await waitingMails(db)) {
      if (stopped) return
      if (!isDue(row, clock.wall())) continue
      try {
        await deliver(row)
        pollAt = Number.NEGATIVE_INFINITY
      } catch (err) {
        log.error({ err, mail: row.id, kind: row.kind }, 'a mail could not be dealt with')
      }
    }
  }

  return {
    wake() {
      pollAt = Number.NEGATIVE_INFINITY
    },
    tick() {
      if (stopped || round || clock.monotonic() < pollAt) return
      pollAt = clock.monotonic() + pollEvery
      round = poll()
        .catch((err) => log.error({ err }, 'the outbox could not be polled'))
        .finally(() => {
          round = undefined
        })
    },
    async stop(within) {
      stopped = true
      let timer: NodeJS.Timeout | undefined
      const enough = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, within)
      })
      await Promise.race([round, enough])
      clearTimeout(timer)
    },
  }
}
