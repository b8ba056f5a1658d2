import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { placeTiming, type VisitState } from '../../protocol/place.ts'
import { insertUser } from '../../server/accounts/user-rows.ts'
import type { CallEnd } from '../../server/calls/active-call-reducer.ts'
import { insertCall, saveCall, withEnd } from '../../server/calls/call-rows.ts'
import { missedCalls } from '../../server/calls/missed-calls.ts'
import type { CallRow } from '../../server/database/call-tables.ts'
import type { Database } from '../../server/database/tables.ts'
import { setStatus } from '../../server/people/status.ts'
import { agreeToPlace, blockVisitor, listOwnPlaces, unblockVisitor } from '../../server/places/own-places.ts'
import { deleteOldBlocks, deleteOldVisits } from '../../server/places/place-retention.ts'
import {
  addMember,
  changePlace,
  deletePlace,
  insertPlace,
  isBlocked,
  removeMember,
} from '../../server/places/place-rows.ts'
import { mostFromAddress } from '../../server/places/share-of-visitor.ts'
import {
  answeringMembers,
  blockedVisits,
  callsOfVisit,
  countVisits,
  endVisit,
  insertVisit,
  keepVisits,
  lapsedVisits,
  mostInLine,
  type NewVisit,
  noteNobody,
  positionOf,
  readVisit,
  renewVisit,
  shortenLeases,
  strayCalls,
  takeTurn,
} from '../../server/places/visit-rows.ts'

const second = 1_000
const minute = 60 * second
const day = 86_400 * second

/** @param open several servers on one database. */
export function placeContract(open: () => Promise<readonly [Database, ...Database[]]>): void {
  async function service() {
    const servers = await open()
    const [db] = servers
    const person = (name: string) =>
      insertUser(db, { username: name, name, email: `${name}@clinic.example`, emailVerified: true }, 1)
    const [ann, ben] = [await person('ann'), await person('ben')]
    const place = await insertPlace(
      db,
      { slug: 'desk', name: 'Desk', timeZone: 'UTC', members: [ann, ben] },
      1,
    )
    if (!place) throw new Error('it could not be made')
    const now = 1_000 * minute
    const at = (n: number) => servers[n % servers.length] ?? db
    const visitor = ({ address = randomUUID() as string, ...more }: Partial<NewVisit> = {}) => ({
      ...{ placeId: place.id, key: randomUUID(), name: 'Maria', address, home: address, site: address },
      ...more,
    })
    const visit = async (when = now, more = {}) => {
      const inserted = await insertVisit(db, visitor(more), when)
      if (!('row' in inserted)) throw new Error('there is no room')
      return inserted.row
    }
    const call = async (visitId: string, callee: string) => {
      const named = { id: callee, username: callee, name: callee, email: `${callee}@clinic.example` }
      const { row } = await insertCall(
        db,
        {
          ...{ callee: { ...named, picture: null, language: null }, to: 'Desk', from: 'Desk: Maria' },
          ...{ placedBy: `visitor:${place.id}`, waitFor: 0 },
          ...{ idempotencyKey: `${visitId} ${callee}`, visit: visitId },
        },
        { now, deadline: now + 45 * second, owner: null, furtherOne: () => 'busy' },
      )
      return row
    }
    const answer = (on: Database, row: CallRow, device: string, when = now) =>
      saveCall(on, withEnd(row, { outcome: 'answered', why: null, device }, when), [], null)
    return { db, servers, place, now, at, ann, ben, visitor, visit, call, answer }
  }

  test('PV3.8 one key makes one visit, at whichever servers it comes at once', async () => {
    const { at, visitor, now, db } = await service()
    const one = visitor()
    const all = await Promise.all([0, 1, 2, 3].map((n) => insertVisit(at(n), one, now)))
    expect(all.filter(({ kind }) => kind === 'written')).toHaveLength(1)
    expect(all.filter(({ kind }) => kind === 'repeated')).toHaveLength(3)
    expect(await db.selectFrom('visit').select('id').execute()).toHaveLength(1)
  })

  test('PV3.5 PV5.1 the line takes twenty, and three from one address, however many come at once', async () => {
    const { at, visitor, now, place, db } = await service()
    const crowd = await Promise.all(
      Array.from({ length: mostInLine + 10 }, (_, n) => insertVisit(at(n), visitor(), now + n)),
    )
    expect(crowd.filter(({ kind }) => kind === 'written')).toHaveLength(mostInLine)
    expect(await countVisits(db, place.id, now + 100)).toMatchObject({ waiting: mostInLine, calling: 0 })
    // Whose page is gone takes nobody's place.
    const later = now + placeTiming.leaseFor + 100
    const house = await Promise.all(
      Array.from({ length: 6 }, (_, n) => insertVisit(at(n), visitor({ address: 'house' }), later)),
    )
    expect(house.filter(({ kind }) => kind === 'written')).toHaveLength(mostFromAddress)
  })

  test('PV3.5 PV1.1 so many ring at once as members are available, the first come first, at whichever servers', async () => {
    const { at, visit, now, place, db } = await service()
    const visits = []
    for (let n = 0; n < 5; n += 1) visits.push(await visit(now + n))
    const later = now + 10
    const positions = await Promise.all(visits.map((one) => positionOf(db, one, later)))
    expect(positions).toEqual([1, 2, 3, 4, 5])
    const turns = await Promise.all(visits.map((one, n) => takeTurn(at(n), one, 2, later)))
    expect(turns.filter((taken) => taken)).toHaveLength(2)
    expect(turns.slice(2)).toEqual([false, false, false])
    expect(await countVisits(db, place.id, later)).toMatchObject({ waiting: 3, calling: 2 })
    const again = await Promise.all(visits.map((one, n) => takeTurn(at(n), one, 2, later)))
    expect(again.filter((taken) => taken)).toEqual([])
  })

  test('PV3.5 the line is in the order in which visitors came: at one moment, by clocks that are apart, and where the clock is set back', async () => {
    const { at, visitor, now, db } = await service()
    const back = now - 60 * minute
    const came = []
    for (const [n, when] of [now, now, now, now - 400, now, back, back].entries()) {
      const inserted = await insertVisit(at(n), visitor(), when)
      if ('row' in inserted) came.push(inserted.row)
    }
    const positions = []
    for (const one of came) positions.push(await positionOf(db, one, back))
    expect(positions).toEqual([1, 2, 3, 4, 5, 6, 7])
    const [first, second_] = came
    if (!first || !second_) throw new Error('all have come')
    expect(await takeTurn(db, second_, 1, back)).toBe(false)
    expect(await takeTurn(db, first, 1, back)).toBe(true)
  })

  test('PV3.5 what rings, is over or was not heard of for a lease has no place in the line', async () => {
    const { visit, now, db } = await service()
    const [rings, over, gone] = [await visit(now), await visit(now + 1), await visit(now + 2)]
    await takeTurn(db, rings, 1, now + 3)
    await endVisit(db, over.id, 'cancelled', now + 3)
    expect(await positionOf(db, rings, now + 3)).toBeNull()
    expect(await positionOf(db, over, now + 3)).toBeNull()
    expect(await positionOf(db, gone, now + 3)).toBe(1)
    expect(await positionOf(db, gone, now + 2 + placeTiming.leaseFor)).toBeNull()
  })

  test('PV5.2 a place that rang five times in a minute without an answer rings no more until that is over', async () => {
    const { visit, now, place, db, call, answer, ann } = await service()
    for (let n = 0; n < 5; n += 1) {
      const one = await visit(now + n * second)
      expect(await takeTurn(db, one, 1, now + n * second)).toBe(true)
      await endVisit(db, one.id, 'cancelled', now + n * second + 500)
    }
    const sixth = await visit(now + 6 * second)
    expect(await takeTurn(db, sixth, 1, now + 6 * second)).toBe(false)
    expect((await countVisits(db, place.id, now + 6 * second)).isWorn).toBe(true)
    expect((await countVisits(db, place.id, now + minute + second)).isWorn).toBe(false)
    // One that is answered wears nobody.
    const seventh = await visit(now + 2 * minute)
    expect(await takeTurn(db, seventh, 1, now + 2 * minute)).toBe(true)
    const row = await call(seventh.id, ann)
    await answer(db, row, 'desk', now + 2 * minute)
    expect((await readVisit(db, seventh.id))?.state).toBe('answered')
  })

  test('PV5.1 PV5.2 a stranger with a whole /48 fills no line, and wears no place for others', async () => {
    const { at, visitor, now, place, db } = await service()
    const stranger = () => visitor({ site: 'site of a stranger' })
    const crowd = await Promise.all(
      Array.from({ length: 12 }, (_, n) => insertVisit(at(n), stranger(), now + n)),
    )
    const own = crowd
      .flatMap((inserted) => ('row' in inserted ? [inserted.row] : []))
      .toSorted((one, other) => one.turn - other.turn)
    expect(own).toHaveLength(4)
    expect(crowd.filter(({ kind }) => kind === 'full')).toHaveLength(8)
    for (const [n, one] of own.entries()) {
      expect(await takeTurn(db, one, 1, now + n * second)).toBe(true)
      await endVisit(db, one.id, 'cancelled', now + n * second + 500)
    }
    // They are told when there is room for them again: the first rang a minute ago then.
    const later = now + 5 * second
    expect(await insertVisit(db, stranger(), later)).toEqual({ kind: 'too-many', wait: 55 * second })
    expect(await countVisits(db, place.id, later)).toEqual({ waiting: 0, calling: 0, isWorn: false })
    const other = await insertVisit(db, visitor(), later)
    expect(other.kind).toBe('written')
    expect('row' in other && (await takeTurn(db, other.row, 1, later))).toBe(true)
    expect((await insertVisit(db, stranger(), now + minute)).kind).toBe('written')
  })

  test('PV3.3 of two who answer at once, at two servers, one has the visitor, and each row says so', async () => {
    const { at, visit, now, db, call, answer, ann, ben } = await service()
    const one = await visit()
    await takeTurn(db, one, 2, now)
    const [first, second_] = [await call(one.id, ann), await call(one.id, ben)]
    const saved = await Promise.all([answer(at(0), first, 'anns'), answer(at(1), second_, 'bens')])
    expect(saved.map((each) => each?.written)).toEqual([true, true])
    const rows = await db.selectFrom('call').selectAll().execute()
    expect(rows.map(({ state }) => state)).toEqual(['answered', 'answered'])
    const row = await readVisit(db, one.id)
    const device = row?.device ?? ''
    expect(['anns', 'bens']).toContain(device)
    // What each device is told by its row: only one of them is the one that answered.
    expect(rows.map(({ byDevice }) => byDevice)).toEqual([device, device])
    expect(rows.find(({ id }) => id === row?.callId)?.userId).toBe(device === 'anns' ? ann : ben)
    expect(saved.map((each) => each?.row.byDevice)).toEqual([device, device])
  })

  test('PV3.3 PV3.6 a colleague’s call ends as answered, and nobody answers who is gone', async () => {
    const { visit, now, db, call, answer, ann, ben } = await service()
    const one = await visit()
    await takeTurn(db, one, 2, now)
    const [first, other] = [await call(one.id, ann), await call(one.id, ben)]
    await answer(db, first, 'anns')
    const cancelled = withEnd(other, { outcome: 'cancelled', why: 'cancelled', device: null }, now)
    expect((await saveCall(db, cancelled, [], null))?.row).toMatchObject({
      ...{ state: 'answered', byDevice: 'anns', why: null },
    })
    const two = await visit()
    await takeTurn(db, two, 2, now)
    const late = await call(two.id, ben)
    const when = now + placeTiming.leaseFor
    expect((await answer(db, late, 'bens', when))?.row).toMatchObject({
      ...{ state: 'cancelled', why: 'cancelled', byDevice: null },
    })
    expect((await readVisit(db, two.id))?.endedAt).toBeNull()
    expect(await lapsedVisits(db, when)).toEqual([two.id])
  })

  test('PV3.3 a colleague who had missed a visitor has not once another answers, at whichever server; who declined has', async () => {
    const { at, visit, now, db, call, answer, ann, ben } = await service()
    const cleo = await insertUser(
      db,
      { username: 'cleo', name: 'cleo', email: 'cleo@clinic.example', emailVerified: true },
      1,
    )
    const one = await visit()
    await takeTurn(db, one, 3, now)
    const [anns, bens, cleos] = [await call(one.id, ann), await call(one.id, ben), await call(one.id, cleo)]
    const end = (on: Database, row: CallRow, how: CallEnd) => saveCall(on, withEnd(row, how, now), [], null)
    await end(db, anns, { outcome: 'missed', why: 'no-answer', device: null })
    await end(db, cleos, { outcome: 'declined', why: null, device: 'cleos' })
    expect((await missedCalls(db, ann)).map(({ id }) => id)).toEqual([anns.id])
    expect(await answer(at(1), bens, 'bens')).toMatchObject({ written: true, unmissed: [ann] })
    expect(await missedCalls(db, ann)).toEqual([])
    const ends = await db.selectFrom('call').select(['id', 'state', 'why', 'byDevice']).execute()
    expect(new Map(ends.map(({ id, ...end }) => [id, end]))).toEqual(
      new Map([
        [anns.id, { state: 'answered', why: null, byDevice: 'bens' }],
        [bens.id, { state: 'answered', why: null, byDevice: 'bens' }],
        [cleos.id, { state: 'declined', why: null, byDevice: 'cleos' }],
      ]),
    )
  })

  test('PV3.3 of an answer and an end at one moment, at two servers, the end is no missed call', async () => {
    const { at, visit, now, db, call, answer, ann, ben } = await service()
    for (let n = 0; n < 10; n += 1) {
      const when = now + n * second
      const one = await visit(when)
      await takeTurn(db, one, 2, when)
      const [anns, bens] = [await call(one.id, ann), await call(one.id, ben)]
      const missed = withEnd(anns, { outcome: 'missed', why: 'no-answer', device: null }, when)
      await Promise.all([saveCall(at(0), missed, [], null), answer(at(1), bens, 'bens', when)])
      expect((await callsOfVisit(db, one.id)).map(({ state }) => state)).toEqual(['answered', 'answered'])
    }
  })

  test('PV3.3 PV3.6 a call that is written once its visit is over rings nobody, and is missed by nobody where a colleague answered', async () => {
    const { visit, now, db, call, answer, ann, ben } = await service()
    const answered = await visit()
    await takeTurn(db, answered, 2, now)
    await answer(db, await call(answered.id, ann), 'anns')
    expect(await call(answered.id, ben)).toMatchObject({ state: 'answered', byDevice: 'anns', endedAt: now })
    // Whose line is full would have missed it.
    const busy = { status: 'busy', until: now + minute } as const
    await setStatus(db, ben, busy, now)
    const second_ = await visit()
    await takeTurn(db, second_, 2, now)
    await answer(db, await call(second_.id, ann), 'anns')
    expect(await call(second_.id, ben)).toMatchObject({ state: 'answered', why: null, byDevice: 'anns' })
    expect(await missedCalls(db, ben)).toEqual([])
    const left = await visit()
    await takeTurn(db, left, 2, now)
    await endVisit(db, left.id, 'cancelled', now)
    expect(await call(left.id, ann)).toMatchObject({ state: 'cancelled', endedAt: now })
    expect(await strayCalls(db)).toEqual([])
  })

  test('PV3.6 PV3.7 a lease that is over stays so, and the first end of a visit wins', async () => {
    const { at, visit, now, db } = await service()
    const one = await visit()
    expect(await renewVisit(db, one.id, now + 5_999)).toBe(true)
    expect(await renewVisit(db, one.id, now + 5_999 + placeTiming.leaseFor)).toBe(false)
    expect(await renewVisit(db, one.id, now + 6_000)).toBe(true)
    const states: Exclude<VisitState, 'queued' | 'calling' | 'answered'>[] = ['cancelled', 'left', 'declined']
    const ends = await Promise.all(states.map((state, n) => endVisit(at(n), one.id, state, now)))
    expect(ends.filter((won) => won)).toHaveLength(1)
    expect((await readVisit(db, one.id))?.state).toBe(states[ends.indexOf(true)])
    expect(await renewVisit(db, one.id, now + 1)).toBe(false)
  })

  test('PV3.6 PV5.2 PV1.3 a clock that is set back by an hour makes nothing last longer, and nodes half a second apart agree', async () => {
    const { visit, now, db, call, answer, place, ann } = await service()
    const answered = await visit()
    await takeTurn(db, answered, 1, now)
    await answer(db, await call(answered.id, ann), 'anns')
    for (let n = 0; n < 5; n += 1) {
      const one = await visit()
      expect(await takeTurn(db, one, 1, now)).toBe(true)
      await endVisit(db, one.id, 'cancelled', now)
    }
    const [stays, goes] = [await visit(), await visit()]
    for (const when of [now, now - 500]) {
      expect(await countVisits(db, place.id, when)).toEqual({ waiting: 2, calling: 0, isWorn: true })
      expect([...(await answeringMembers(db, place.id, when))]).toEqual([ann])
    }
    const back = now - 60 * minute
    // Nobody else is next, though no lease has been cut yet.
    expect(await countVisits(db, place.id, back)).toEqual({ waiting: 2, calling: 0, isWorn: false })
    const positions = [await positionOf(db, stays, back), await positionOf(db, goes, back)]
    expect(positions.toSorted()).toEqual([1, 2])
    expect([...(await answeringMembers(db, place.id, back))]).toEqual([])
    // Whose page is heard of goes on; of whom nothing is heard is gone after a lease.
    await shortenLeases(db, now - 500)
    expect((await readVisit(db, goes.id))?.leaseUntil).toBe(now + placeTiming.leaseFor)
    await shortenLeases(db, back)
    // And has come now: nobody waits for an hour longer.
    expect(await readVisit(db, stays.id)).toMatchObject({ at: back, leaseUntil: back + placeTiming.leaseFor })
    expect(await lapsedVisits(db, back + placeTiming.leaseFor - 1)).toEqual([])
    expect(await renewVisit(db, stays.id, back + second)).toBe(true)
    const lapsed = await lapsedVisits(db, back + placeTiming.leaseFor)
    expect(lapsed).toContain(goes.id)
    expect(lapsed).not.toContain(stays.id)
  })

  test('PV3.5 PV3.6 a clock that is set by an hour, forward or back, takes and gives nobody time, whichever servers notice', async () => {
    for (const by of [60 * minute, -60 * minute]) {
      const { servers, visit, now, db } = await service()
      const [lapsed, rings, waits, over] = [await visit(), await visit(), await visit(), await visit()]
      await takeTurn(db, rings, 3, now + second)
      await noteNobody(db, waits.id, now + 2 * second)
      await endVisit(db, over.id, 'cancelled', now + 3 * second)
      for (const { id } of [rings, waits]) await renewVisit(db, id, now + 4 * second)
      const then = now + 7 * second
      const set = then + by
      for (const server of servers) await keepVisits(server, { now: set, heard: then, by })
      const lease = { leaseUntil: set + placeTiming.leaseFor }
      const asItWas = { at: now, leaseUntil: now + placeTiming.leaseFor }
      expect(await readVisit(db, rings.id)).toMatchObject({
        ...{ at: now + by, calledAt: now + second + by, nobodySince: null, ...lease },
      })
      expect(await readVisit(db, waits.id)).toMatchObject({
        ...{ at: now + by, calledAt: null, nobodySince: now + 2 * second + by, ...lease },
      })
      // Whose lease was over, which nobody had written down, is believed for one more: no clock tells them apart.
      const after = set + placeTiming.leaseFor
      expect(await lapsedVisits(db, after - 1)).toEqual([])
      await renewVisit(db, rings.id, after - 1)
      expect((await lapsedVisits(db, after)).toSorted()).toEqual([lapsed.id, waits.id].toSorted())
      expect(await readVisit(db, over.id)).toMatchObject({ ...asItWas, endedAt: now + 3 * second })
    }
  })

  test('PV3.6 servers that notice a clock at one moment move no date of a visit twice', async () => {
    const { servers, visit, now } = await service()
    const all = await Promise.all(Array.from({ length: 20 }, () => visit()))
    const by = -60 * minute
    const since = { now: now + second + by, heard: now + second, by }
    await Promise.all([...servers, ...servers].map((server) => keepVisits(server, since)))
    const [db] = servers
    for (const { id } of all) expect((await readVisit(db, id))?.at).toBe(now + by)
  })

  test('PV6.2 what rings for a visit that is over, or a place that is gone, is found', async () => {
    const { visit, now, db, call, place, ann, ben } = await service()
    const one = await visit()
    await takeTurn(db, one, 2, now)
    const row = await call(one.id, ann)
    expect(await strayCalls(db)).toEqual([])
    expect(await callsOfVisit(db, one.id)).toHaveLength(1)
    await endVisit(db, one.id, 'left', now)
    expect(await strayCalls(db)).toEqual([row.id])
    const two = await visit()
    const other = await call(two.id, ben)
    await deletePlace(db, place.id)
    expect((await strayCalls(db)).toSorted()).toEqual([row.id, other.id].toSorted())
    expect(await db.selectFrom('visit').select('id').execute()).toEqual([])
    expect(await db.selectFrom('placeMember').select('userId').execute()).toEqual([])
  })

  test('PV6.2 PV1.5 what rings for a place that may not ring its member any more is found', async () => {
    const { visit, now, db, call, place, ann, ben } = await service()
    const one = await visit()
    await takeTurn(db, one, 2, now)
    const [anns, bens] = [await call(one.id, ann), await call(one.id, ben)]
    const stray = async () => (await strayCalls(db)).toSorted()
    const both = [anns.id, bens.id].toSorted()
    expect(await stray()).toEqual([])
    await changePlace(db, place.id, { shutAt: now })
    expect(await stray()).toEqual(both)
    await changePlace(db, place.id, { shutAt: null })
    // Whose only member is left, and has not agreed.
    await removeMember(db, place.id, ben)
    expect(await stray()).toEqual(both)
    await agreeToPlace(db, ann, place.id, now)
    expect(await stray()).toEqual([bens.id])
    await agreeToPlace(db, ann, place.id, null)
    expect(await stray()).toEqual(both)
    await addMember(db, place.id, ben)
    expect(await stray()).toEqual([])
    // Nobody who is disabled is a member.
    await db.updateTable('user').set({ disabledAt: now }).where('id', '=', ben).execute()
    expect(await stray()).toEqual(both)
    await agreeToPlace(db, ann, place.id, now)
    expect(await stray()).toEqual([bens.id])
  })

  test('PV1.3 PV3.2 who turns invisible or away as a visit rings is not rung by it, as who is busy is not', async () => {
    const { visit, now, db, call, ann, ben } = await service()
    const ends = [
      ['invisible', null, 'unreachable'],
      ['away', null, 'unreachable'],
      ['busy', now + minute, 'busy'],
    ] as const
    for (const [status, until, why] of ends) {
      await setStatus(db, ann, { status, until }, now)
      const one = await visit()
      await takeTurn(db, one, 2, now)
      expect(await call(one.id, ann), status).toMatchObject({ state: 'missed', why, endedAt: now })
      expect(await call(one.id, ben), status).toMatchObject({ state: 'placed' })
      await endVisit(db, one.id, 'cancelled', now)
    }
  })

  test('PV5.3 who is blocked as they come makes no visit, at whichever server, or one that is found', async () => {
    const { at, visitor, visit, now, db, place, ann } = await service()
    const one = await visit(now, { address: 'network' })
    await blockVisitor(db, ann, one.id, now)
    const again = visitor({ address: 'network' })
    for (const n of [0, 1]) expect(await insertVisit(at(n), again, now)).toEqual({ kind: 'blocked' })
    expect((await insertVisit(db, visitor(), now)).kind).toBe('written')
    expect(await blockedVisits(db)).toEqual([])
    // Neither saw the other.
    const two = await visit(now, { address: 'other' })
    const block = { placeId: place.id, address: 'other', name: 'Maria', by: ann, at: now }
    await db.insertInto('placeBlock').values(block).execute()
    expect(await blockedVisits(db)).toEqual([two.id])
    await endVisit(db, two.id, 'declined', now)
    expect(await blockedVisits(db)).toEqual([])
  })

  test('PV5.3 PV6.2 blocks are of a place, by its members, and go after ninety days; visits after thirty', async () => {
    const { visit, call, now, db, place, ann } = await service()
    const one = await visit(now, { address: 'network' })
    const stranger = await insertUser(
      db,
      { username: 'zoe', name: 'zoe', email: 'zoe@clinic.example', emailVerified: true },
      1,
    )
    expect(await blockVisitor(db, stranger, one.id, now)).toBeUndefined()
    await takeTurn(db, one, 2, now)
    const row = await call(one.id, ann)
    const neighbour = await visit(now + 1)
    expect(await blockVisitor(db, ann, one.id, now)).toEqual({
      ...{ placeId: place.id, isNew: true, declined: [one.id] },
    })
    expect(await readVisit(db, one.id)).toMatchObject({ state: 'declined', endedAt: now })
    expect(await strayCalls(db)).toEqual([row.id])
    expect((await readVisit(db, neighbour.id))?.endedAt).toBeNull()
    expect(await blockVisitor(db, ann, one.id, now)).toEqual({
      ...{ placeId: place.id, isNew: false, declined: [] },
    })
    expect(await isBlocked(db, place.id, 'network')).toBe(true)
    const [own] = await listOwnPlaces(db, ann)
    expect(own).toMatchObject({ slug: 'desk', isOnlyMember: false, blocks: [{ name: 'Maria' }] })
    expect(own?.visits).toMatchObject([
      { id: neighbour.id, isBlocked: false },
      { id: one.id, isBlocked: true },
    ])
    expect(await unblockVisitor(db, stranger, place.id, 'network')).toBe(false)
    await deleteOldVisits(db, now + 30 * day)
    expect(await readVisit(db, one.id)).toBeDefined()
    await deleteOldVisits(db, now + 30 * day + 1)
    expect(await readVisit(db, one.id)).toBeUndefined()
    await deleteOldBlocks(db, now + 90 * day)
    expect(await isBlocked(db, place.id, 'network')).toBe(true)
    await deleteOldBlocks(db, now + 90 * day + 1)
    expect(await isBlocked(db, place.id, 'network')).toBe(false)
  })
}
