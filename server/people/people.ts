import type { Bus } from '../bus/bus.ts'
import { personSubject } from '../bus/person-message.ts'
import { publishStatusChanged } from '../bus/presence-message.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/tables.ts'
import type { Log } from '../log.ts'
import { publishEvents } from './account-events.ts'
import { type ContactChanges, changeContacts, tellContactChanges } from './contact-changes.ts'
import { turnsWith } from './contact-rows.ts'
import { type ContactWorker, createContactWorker } from './contact-worker.ts'
import { answerContact, askAgain, askContact, changeContact, forgetRemoved } from './contacts.ts'
import type { Handled, PeopleHandlers } from './people-requests.ts'
import { setStatus } from './status.ts'

export interface PeopleDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly bus: Pick<Bus, 'publish'>
}

export interface People {
  readonly handlers: PeopleHandlers<'set-status' | 'ask-contact' | 'answer-contact' | 'change-contact'>
  readonly worker: ContactWorker
  /** What a person does on the account page about somebody whom they removed or blocked. */
  manage(userId: string, contact: string, change: 'ask' | 'block' | 'unblock' | 'forget'): Promise<Handled>
}

/** Status and contacts: what devices ask for, and what is done about it later. */
export function openPeople({ db, clock, log, bus }: PeopleDependencies): People {
  const worker = createContactWorker({ db, clock, log, bus })

  const change = async (
    userIds: readonly string[],
    work: (trx: Database, changes: ContactChanges) => Promise<Handled>,
  ): Promise<Handled> => {
    const { result, toTell } = await changeContacts(db, clock.wall(), work, userIds)
    tellContactChanges(bus, toTell)
    return result
  }

  return {
    worker,
    async manage(userId, contact, what) {
      const now = clock.wall()
      const handled = await change(await turnsWith(db, userId, contact), (trx, changes) => {
        if (what === 'ask') return askAgain(trx, changes, userId, contact, now)
        if (what === 'forget') return forgetRemoved(trx, changes, userId, contact)
        return changeContact(trx, changes, userId, contact, what, now)
      })
      worker.wake()
      return handled
    },
    handlers: {
      async 'set-status'({ userId }, chosen) {
        const { handled, appended } = await setStatus(db, userId, chosen, clock.wall())
        if (appended.size > 0) {
          publishEvents(bus, appended)
          bus.publish(personSubject(userId), { kind: 'status' })
          publishStatusChanged(bus, userId)
        }
        return handled
      },
      async 'ask-contact'({ userId }, { login }) {
        const now = clock.wall()
        const handled = await change([userId], (trx, changes) => askContact(trx, changes, userId, login, now))
        worker.wake()
        return handled
      },
      'answer-contact': async ({ userId }, { contact, answer }) =>
        change(await turnsWith(db, userId, contact), (trx, changes) =>
          answerContact(trx, changes, userId, contact, answer, clock.wall()),
        ),
      async 'change-contact'({ userId }, request) {
        const now = clock.wall()
        const handled = await change(await turnsWith(db, userId, request.contact), (trx, changes) =>
          changeContact(trx, changes, userId, request.contact, request.change, now),
        )
        if (request.change === 'withdraw' || request.change === 'unblock') worker.wake()
        return handled
      },
    },
  }
}
