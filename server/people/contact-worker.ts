import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../clock.ts'
import { hasClockLeapt } from '../database/clock-leap.ts'
import type { Database } from '../database/tables.ts'
import type { Log } from '../log.ts'
import { type ContactChanges, changeContacts, tellContactChanges } from './contact-changes.ts'
import { expireRequests, settleRequest } from './contacts.ts'
import { strayLinks, unlinkPeople } from './links.ts'
import { membersToSettle, releaseTeam, settleMember, takeTeam } from './teams.ts'

/** What waits is looked for this often, in ms, besides when it is known that something does. */
const lookEvery = 1_000
const expireEvery = 60_000
/** So many requests, or people, are dealt with in one look, and so many people told in one transaction. */
const atOnce = 50
/** Who began to tell of a person, and did not come to an end within so long, in ms, will not. */
const takenFor = 60_000

export interface ContactWorkerDependencies {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly bus: Pick<Bus, 'publish'>
}

/** Does about contacts what nobody is to wait for, or to learn anything from how long it takes. */
export interface ContactWorker {
  /** Something was written that waits. */
  wake(): void
  /** @returns once a look that was due is over. Never rejects. */
  tick(): Promise<void>
}

export function createContactWorker({ db, clock, log, bus }: ContactWorkerDependencies): ContactWorker {
  let lookAt = clock.monotonic()
  let expireAt = clock.monotonic()
  let strayAt = clock.monotonic()
  let underWay = false

  const change = async <T>(
    userIds: readonly string[],
    work: (trx: Database, changes: ContactChanges) => Promise<T>,
  ): Promise<T> => {
    const { result, toTell } = await changeContacts(db, clock.wall(), work, userIds)
    tellContactChanges(bus, toTell)
    return result
  }

  /** In the order in which they were made. @returns whether there may be more. */
  const settle = async (): Promise<boolean> => {
    const rows = await db
      .selectFrom('contact')
      .select(['userId', 'id'])
      .where('toSettle', '=', 1)
      .orderBy('since')
      .limit(atOnce)
      .execute()
    let settled = 0
    for (const row of rows) {
      const work = (trx: Database, changes: ContactChanges) => settleRequest(trx, changes, row, clock.wall())
      await attempt(async () => {
        await change([row.userId], work)
        settled += 1
        return false
      })
    }
    return settled === atOnce
  }

  /** A part of one team, one member by another, so that nothing else waits for a whole team. */
  const settleTeam = async (): Promise<boolean> => {
    const team = await takeTeam(db, clock.wall())
    if (team === undefined) return false
    const members = await membersToSettle(db, team, atOnce)
    let settled = 0
    for (const member of members)
      await attempt(async () => {
        await change([member.userId], (trx, changes) => settleMember(trx, changes, member, clock.wall()))
        settled += 1
        return false
      })
    // Where one fails the team stays taken for a while, and others have their turn.
    if (settled === members.length) await releaseTeam(db, team)
    return true
  }

  /** Those of whom nobody else is telling. */
  const takePeople = async (): Promise<readonly { readonly id: number; readonly userId: string }[]> => {
    const now = clock.wall()
    return db
      .updateTable('personChange')
      .set({ takenAt: now })
      .where('id', 'in', (e) =>
        e
          .selectFrom('personChange')
          .select('id')
          .where((where) => where.or([where('takenAt', 'is', null), where('takenAt', '<', now - takenFor)]))
          .orderBy('id')
          .limit(atOnce),
      )
      .returning(['id', 'userId'])
      .execute()
  }

  const tellOfPeople = async (): Promise<boolean> => {
    const taken = await takePeople()
    for (const userId of new Set(taken.map((row) => row.userId))) {
      await tellOfPerson(userId)
      const ids = taken.filter((row) => row.userId === userId).map(({ id }) => id)
      await db.deleteFrom('personChange').where('id', 'in', ids).execute()
    }
    return taken.length === atOnce
  }

  /** Everybody who has this person hears how they are called, or that they are gone; of the deleted nothing stays. */
  const tellOfPerson = async (otherId: string): Promise<void> => {
    for (let after = ''; ; ) {
      const those = await change([otherId], (trx, changes) => tellSome(trx, changes, otherId, after))
      const last = those.at(-1)
      if (last === undefined) return
      after = last
    }
  }

  const expire = async (): Promise<boolean> => {
    if (clock.monotonic() < expireAt) return false
    const now = clock.wall()
    // A clock that was set by mistake takes nobody's request away.
    const isLeft =
      !(await hasClockLeapt(db, now)) &&
      (await change([], (trx, changes) => expireRequests(trx, changes, now, atOnce)))
    if (!isLeft) expireAt = clock.monotonic() + expireEvery
    return isLeft
  }

  /** Of people who went to another clinic. @returns whether there may be more. */
  const endStrayLinks = async (): Promise<boolean> => {
    if (clock.monotonic() < strayAt) return false
    const links = await strayLinks(db, atOnce)
    let ended = 0
    for (const { one, other, team } of links)
      await attempt(async () => {
        await change([one, other], (trx, changes) => unlinkPeople(trx, changes, one, other, team))
        ended += 1
        return false
      })
    if (ended < atOnce) strayAt = clock.monotonic() + expireEvery
    return ended === atOnce
  }

  /** What fails keeps nothing else from being done. @returns whether there is more of it. */
  const attempt = async (work: () => Promise<boolean>): Promise<boolean> => {
    try {
      return await work()
    } catch (err) {
      log.error({ err }, 'contacts hear later of what is asked, and of who is called otherwise')
      return false
    }
  }

  const tick = async () => {
    const now = clock.monotonic()
    if (underWay || now < lookAt) return
    underWay = true
    lookAt = now + lookEvery
    const more = [
      await attempt(settle),
      await attempt(settleTeam),
      await attempt(tellOfPeople),
      await attempt(expire),
      await attempt(endStrayLinks),
    ]
    if (more.includes(true)) lookAt = now
    underWay = false
  }

  return {
    wake() {
      lookAt = clock.monotonic()
    },
    tick,
  }
}

/** @returns those who were told, in the order in which the next come after them. */
async function tellSome(
  trx: Database,
  changes: ContactChanges,
  otherId: string,
  after: string,
): Promise<readonly string[]> {
  const user = await trx.selectFrom('user').select('deletedAt').where('id', '=', otherId).executeTakeFirst()
  const isGone = user?.deletedAt !== null
  const rows = await trx
    .selectFrom('contact')
    .select(['userId', 'id', 'relation'])
    .where('otherId', '=', otherId)
    .where('userId', '>', after)
    .orderBy('userId')
    .limit(atOnce)
    .execute()
  // All of one person's at once, so that the next look begins after them.
  const last = rows.at(-1)?.userId
  const whole = rows.length < atOnce ? rows : rows.filter(({ userId }) => userId !== last)
  const some = whole.length > 0 ? whole : rows
  for (const { userId, id, relation } of some) {
    const row = trx.updateTable('contact').where('userId', '=', userId).where('id', '=', id)
    // A request stays as it looks.
    if (relation === 'asked' || relation === 'withdrawn') {
      if (isGone) await row.set({ otherId: null }).execute()
      continue
    }
    if (isGone) await trx.deleteFrom('contact').where('userId', '=', userId).where('id', '=', id).execute()
    if (relation === 'declined' || relation === 'asked-lately') continue
    changes.touched(userId, id)
    changes.related(userId, otherId)
  }
  if (isGone) {
    await trx.deleteFrom('contact').where('userId', '=', otherId).execute()
    await trx
      .deleteFrom('contactLink')
      .where((e) => e.or([e('one', '=', otherId), e('other', '=', otherId)]))
      .execute()
    await trx.deleteFrom('teamMember').where('userId', '=', otherId).execute()
  }
  return some.map(({ userId }) => userId)
}
