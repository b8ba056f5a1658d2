import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { createFileMail } from './file-mail.ts'
import type { MailConfig } from './mail-config.ts'
import { type OutboxWorker, type OutboxWorkerDependencies, openOutboxWorker } from './outbox-worker.ts'
import { createSmtpMail } from './smtp-mail.ts'
import { type MailWriterDependencies, writeMail } from './write-mail.ts'

export interface MailerDependencies
  extends MailWriterDependencies,
    Pick<OutboxWorkerDependencies, 'requests' | 'gather'> {
  readonly clock: Clock
  readonly log: Log
  readonly config: Pick<MailConfig, 'smtpUrl' | 'mailFrom'> & { readonly dataDir: string }
}

/** Everything about mails, joined: what writes them, and the way out that the configuration names. */
export function openMailer(dependencies: MailerDependencies): OutboxWorker {
  const { db, clock, log, config, requests, gather, publicUrl } = dependencies
  const { smtpUrl, mailFrom, dataDir } = config
  const transport =
    smtpUrl === undefined
      ? createFileMail(join(dataDir, 'outbox'), mailFrom, log)
      : createSmtpMail(smtpUrl, mailFrom)
  const worker = openOutboxWorker({
    db,
    clock,
    log,
    transport,
    write: (row, now) => writeMail(dependencies, row, now),
    requests,
    gather,
  })
  return {
    ...worker,
    tick() {
      // No mail leaves before its links can be right.
      if (publicUrl() !== '') worker.tick()
    },
  }
}
