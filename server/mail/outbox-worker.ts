import { isAsk, settleAsk } from '../accounts/asks.ts'
import type { Clock } from '../clock.ts'
import type { MailRow } from '../database/mail-tables.ts'
import type { Database } from '../database/tables.ts'
import type { Log } from '../log.ts'
import { afterTry, delayAfter, isDue, type Outcome } from './delivery.ts'
import { type Mail, MailError, type Message } from './mail.ts'
import { parseContent } from './mail-content.ts'
import { forgetOldMails, settleMail, waitingMails } from './mail-rows.ts'

/** The outbox is looked into this often, in ms: a command may have put something there. */
const lookEvery = 1_000
const forgetEvery = 3_600_000

export interface OutboxWorkerDependencies {
  readonly db: Database
  readonly mail: Mail
  readonly clock: Clock
  readonly log: Log
  /** Writes the mail as it leaves; undefined when there is no point in it any more. */
  readonly write: (row: MailRow, now: number) => Promise<Message | undefined>
  /** Puts into the outbox what has waited outside it. */
  readonly gather: (now: number) => Promise<unknown>
}

/** Takes the mails of the outbox away, one at a time, and again until they are gone. */
export interface OutboxWorker {
  /** There is a mail: look at the next tick. */
  wake(): void
  /** Called by the shared tick. Returns at once. */
  tick(): void
  /** Resolves when the mail that is on its way now has been dealt with, or after `within` ms. */
  stop(within: number): Promise<void>
}

export function outboxWorker({
  db,
  mail,
  clock,
  log,
  write,
  gather,
}: OutboxWorkerDependencies): OutboxWorker {
  let lookAt = Number.NEGATIVE_INFINITY
  let forgetAt = Number.NEGATIVE_INFINITY
  let round: Promise<void> | undefined
  let stopped = false

  const attempt = async (row: MailRow): Promise<Outcome> => {
    const now = clock.wall()
    if (now >= row.uselessAt) return { kind: 'pointless' }
    const message = await write(row, now)
    if (!message) return { kind: 'pointless' }
    try {
      await mail.send(message)
      return { kind: 'sent' }
    } catch (error) {
      if (!(error instanceof MailError)) throw error
      return { kind: error.kind, why: error.message }
    }
  }

  const deliver = async (row: MailRow) => {
    const now = clock.wall()
    const tries = row.tries + 1
    // Counted before it leaves: a mail that brings the server down is not tried again at once for ever.
    await settleMail(db, row.id, { kind: 'again', nextAt: now + delayAfter(tries), why: row.failed }, tries)
    const outcome = await attempt(row)
    const after = afterTry({ ...row, tries }, outcome, clock.wall())
    await settleMail(db, row.id, after, tries, clock.wall())
    const told = { mail: row.id, kind: row.kind, tries }
    if (after.kind === 'sent') log.info(told, 'a mail was sent')
    else if (outcome.kind === 'pointless') log.info(told, 'a mail was dropped: there was no point in it')
    else if (after.kind === 'again') log.warn({ ...told, why: after.why }, 'a mail will be tried again')
    else log.error({ ...told, why: after.why }, 'a mail could not be delivered')
  }

  const look = async () => {
    const now = clock.wall()
    if (clock.monotonic() >= forgetAt) {
      forgetAt = clock.monotonic() + forgetEvery
      await forgetOldMails(db, now)
    }
    await gather(now)
    for (const row of await waitingMails(db)) {
      if (stopped) return
      if (!isDue(row, clock.wall())) continue
      try {
        if (isAsk(row)) await settleAsk(db, row, parseContent(row.kind, row.values), clock.wall())
        else await deliver(row)
        lookAt = Number.NEGATIVE_INFINITY
      } catch (err) {
        log.error({ err, mail: row.id, kind: row.kind }, 'a mail could not be dealt with')
      }
    }
  }

  return {
    wake() {
      lookAt = Number.NEGATIVE_INFINITY
    },
    tick() {
      if (stopped || round || clock.monotonic() < lookAt) return
      lookAt = clock.monotonic() + lookEvery
      round = look()
        .catch((err) => log.error({ err }, 'the outbox could not be looked into'))
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
