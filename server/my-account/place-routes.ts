import type { Database } from '../database/tables.ts'
import type { Route } from '../http/route.ts'
import { agreeToPlace, blockVisitor, unblockVisitor } from '../places/own-places.ts'
import { removeMember } from '../places/place-rows.ts'
import type { Visits } from '../places/visits.ts'
import type { DoneNotice } from './done-notice.ts'
import { type Actor, recordChange } from './record-change.ts'
import type { SignedInRoutes } from './web-session-middleware.ts'

export interface OwnPlaceDependencies {
  readonly db: Database
  readonly visits: Pick<Visits, 'onDeclined'>
  readonly signedIn: SignedInRoutes
  readonly notice: DoneNotice
}

const doneBy = { agree: 'placeAgreed', withdraw: 'placeWithdrawn', leave: 'placeLeft' } as const

/** What a person does about the places that they belong to, each on record with the change itself. */
export function ownPlaceRoutes({ db, visits, signedIn, notice }: OwnPlaceDependencies): Route[] {
  const record = (trx: Database, actor: Actor, place: string, change: string) =>
    recordChange(trx, 'account-changed', actor, { fields: `place-${change}`, place })

  const inRecord = (
    actor: Actor,
    place: string,
    change: string,
    work: (trx: Database) => Promise<boolean>,
  ): Promise<boolean> =>
    db.transaction().execute(async (trx) => {
      if (!(await work(trx))) return false
      await record(trx, actor, place, change)
      return true
    })

  const block = async (actor: Actor, userId: string, visit: string): Promise<boolean> => {
    const blocked = await db.transaction().execute(async (trx) => {
      const done = await blockVisitor(trx, userId, visit, actor.now)
      if (done?.isNew) await record(trx, actor, done.placeId, 'block')
      return done
    })
    if (blocked) visits.onDeclined(blocked.declined)
    return blocked?.isNew ?? false
  }

  return [
    signedIn.form('/account/place', async (context, { person, actor }, form) => {
      const place = form.get('place')
      const change = (['agree', 'withdraw', 'leave'] as const).find((one) => one === form.get('change'))
      if (change === undefined) return context.redirect('/account', 303)
      const isDone = await inRecord(actor, place, change, (trx) =>
        change === 'leave'
          ? removeMember(trx, place, person.id)
          : agreeToPlace(trx, person.id, place, change === 'agree' ? actor.now : null),
      )
      // Somebody else's form, or one from before something else was done: the page shows how it is.
      return isDone ? notice.redirect(context, doneBy[change]) : context.redirect('/account', 303)
    }),
    signedIn.form('/account/visitor', async (context, { person, actor }, form) => {
      const visit = form.get('visit')
      const place = form.get('place')
      const isBlocking = visit !== ''
      const isDone = isBlocking
        ? await block(actor, person.id, visit)
        : await inRecord(actor, place, 'unblock', (trx) =>
            unblockVisitor(trx, person.id, place, form.get('address')),
          )
      if (!isDone) return context.redirect('/account', 303)
      return notice.redirect(context, isBlocking ? 'visitorBlocked' : 'visitorUnblocked')
    }),
  ]
}
