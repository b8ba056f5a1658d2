import { join } from 'node:path'
import { mailMissed } from '../calls/missed-mails.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { Log } from '../log.ts'
import { fileMail } from './file-mail.ts'
import type { MailConfig } from './mail-config.ts'
import { type OutboxWorker, outboxWorker } from './outbox-worker.ts'
import { smtpMail } from './smtp-mail.ts'
import { writeMail } from './write-mail.ts'

export interface MailerDependencies {
  readonly config: MailConfig & { readonly dataDir: string }
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly secret: string
  /** Empty while it is not known. */
  readonly publicUrl: () => string
}

/** Everything about mails, joined: what writes them, and the way out that the configuration names. */
export function mailer({ config, db, clock, log, secret, publicUrl }: MailerDependencies): OutboxWorker {
  const { smtpUrl, mailFrom, missedMailAfter, dataDir } = config
  const mail =
    smtpUrl === undefined ? fileMail(join(dataDir, 'outbox'), mailFrom, log) : smtpMail(smtpUrl, mailFrom)
  const man = outboxWorker({
    db,
    mail,
    clock,
    log,
    write: (row, now) => writeMail({ db, secret, publicUrl }, row, now),
    gather: (now) => mailMissed(db, now, missedMailAfter),
  })
  return {
    ...man,
    tick() {
      // No mail leaves before its links can be right.
      if (publicUrl() !== '') man.tick()
    },
  }
}
