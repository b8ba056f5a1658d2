import type { Clock } from '../clock.ts'
import { claimTry } from '../database/claim-try.ts'
import { isPostgres } from '../database/dialect.ts'
import type { MailRow } from '../database/mail-tables.ts'
import type { Database } from '../database/tables.ts'
import type { Log } from '../log.ts'
import { type MailContent, type MailKind, parseContent } from './mail-content.ts'
import { longestTry, MailError, type MailTransport, type Message } from './mail-transport.ts'
import { dueMails, dueRequests, recordDelivery } from './outbox.ts'
import { afterTry, delayAfter, type Outcome } from './retry-schedule.ts'

/** The outbox is polled this often, in ms: a command may have put something there. */
const pollEvery = 1_000

/** A node has a mail for so long, in ms: a try, and what is read and written for it. Then it is believed dead. */
const claimedFor = longestTry + 30_000

/** Requests for a mail that lie in the outbox before anybody has looked whom they concern. */
export interface MailRequests {
  readonly kinds: readonly MailKind[]
  /** Puts the mails in the place of their requests, or nothing: of all of them, or of none when it fails. */
  resolve(requests: readonly MailRequest[], now: number): Promise<void>
}

export interface MailRequest {
  readonly row: MailRow
  readonly content: MailContent
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

/**
 * Takes the mails of the outbox away, one at a time, and again until they are gone. Requests have a line of their own:
 * strangers make them by the hundred, and no mail waits behind more than a batch of them.
 */
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

  /**
   * Counted before anything is done with it: what brings the server down, or fails for ever, is not tried at once again
   * and again, and others have their turn. Other nodes leave it alone for as long as the try may take.
   */
  const countTry = (on: Database, row: MailRow) => {
    const delay = delayAfter(row.tries + 1)
    return claimTry(on, 'mail', row, clock.wall() + (isPostgres(db) ? Math.max(delay, claimedFor) : delay))
  }

  const deliver = async (row: MailRow) => {
    const tries = await countTry(db, row)
    if (tries !== undefined) await letGoUnless({ ...row, tries }, finish)
  }

  /** @param row whose try is counted. It waits as after any other try when nothing can be said of this one. */
  const letGoUnless = async (row: MailRow, how: (row: MailRow) => Promise<void>) => {
    try {
      await how(row)
    } catch (error) {
      const again = { kind: 'again', nextAt: clock.wall() + delayAfter(row.tries), why: row.failed } as const
      // Where that cannot be written either, it is had for a while longer.
      await recordDelivery(db, row.id, again, row.tries).catch(() => {})
      throw error
    }
  }

  /** @param row whose try is counted. */
  const finish = async (row: MailRow) => {
    const { tries } = row
    const outcome = await attempt(row)
    const after = afterTry(row, outcome, clock.wall())
    const isWritten = await recordDelivery(db, row.id, after, tries, clock.wall())
    const about = { mail: row.id, kind: row.kind, tries }
    if (!isWritten) log.warn(about, 'a mail took so long that it was taken for left: another node has it')
    else if (after.kind === 'sent') log.info(about, transport.leftAs ?? 'a mail was sent')
    else if (outcome.kind === 'pointless') log.info(about, 'a mail was dropped: there was no point in it')
    else if (after.kind === 'again') log.warn({ ...about, why: after.why }, 'a mail will be tried again')
    else log.error({ ...about, why: after.why }, 'a mail could not be delivered')
  }

  const resolve = async (found: readonly MailRow[]) => {
    const now = clock.wall()
    const rows = await db.transaction().execute(async (transaction) => {
      const claimed: MailRow[] = []
      for (const row of found) {
        const tries = await countTry(transaction, row)
        if (tries !== undefined) claimed.push({ ...row, tries })
      }
      return claimed
    })
    const useful = rows.filter(({ uselessAt }) => now < uselessAt)
    const toRequest = (row: MailRow) => ({ row, content: parseContent(row.kind, row.values) })
    try {
      await requests.resolve(useful.map(toRequest), now)
    } catch {
      // One by one: only what cannot be dealt with is tried again.
      for (const row of useful)
        await attend(row, () => letGoUnless(row, () => requests.resolve([toRequest(row)], clock.wall())))
    }
    for (const row of rows) if (!useful.includes(row)) await attend(row, () => letGoUnless(row, finish))
  }

  /** @returns whether it could be dealt with; in either case the next one can. */
  const attend = async ({ id, kind }: MailRow, how: () => Promise<void>): Promise<boolean> => {
    try {
      await how()
      return true
    } catch (err) {
      log.error({ err, mail: id, kind }, 'a mail could not be dealt with')
      return false
    }
  }

  const poll = async () => {
    // What waits already leaves all the same.
    await gather(clock.wall()).catch((err) => log.error({ err }, 'some mails could not be written yet'))
    // A disk that takes no write leaves all as it is: then there is another look, but not at once.
    for (let isWritten = true; isWritten; ) {
      const mails = await dueMails(db, requests.kinds, clock.wall())
      for (const row of mails) {
        if (stopped) return
        if (!(await attend(row, () => deliver(row)))) isWritten = false
      }
      const asked = await dueRequests(db, requests.kinds, clock.wall())
      if (stopped || mails.length + asked.length === 0) return
      if (asked.length > 0) await resolve(asked)
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
