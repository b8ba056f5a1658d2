import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  dueCalls,
  enqueueMissedCallMails,
  missedCallsToTell,
} from '../../../server/calls/missed-call-mails.ts'
import { callerOf } from '../support/api-client.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { expectNoMailTo, mailsTo } from '../support/mailbox.ts'
import { ann, ben, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'
import { annAndBen, ask, call, comeBack, relate, standing } from './two-people.ts'

const minute = 60_000

test('M5.1 calls are mailed together once the first has waited ten minutes, never twice, and none is left out', () => {
  const call = fc.record({
    userId: fc.constantFrom('ann', 'ben'),
    at: fc.integer({ min: 0, max: 60 * minute }),
    // For so long it was seen; from the beginning, or as long as there are mails.
    seen: fc.option(fc.tuple(fc.nat(40 * minute), fc.nat(60 * minute)), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.array(call, { maxLength: 20 }), (given) => {
      const calls = given
        .map(({ userId, at, seen: [after, until] = [0, 0] }, id) => ({
          ...{ id: String(id), userId, at },
          seenAt: (now: number) => (now >= at + after && now < at + after + until ? at + after : null),
        }))
        .sort((a, b) => a.at - b.at)
      const settled = new Set<string>()
      const told = new Set<string>()
      for (let now = 0; now <= 180 * minute; now += minute / 2) {
        const waiting = calls
          .filter(({ id, at }) => at <= now && !settled.has(id))
          .map(({ seenAt, ...call }) => ({ ...call, seenAt: seenAt(now) }))
        for (const mail of dueCalls(waiting, now, 10 * minute)) {
          const ats = calls.filter(({ id }) => mail.settled.includes(id)).map(({ at }) => at)
          expect(now - Math.min(...ats)).toBeGreaterThanOrEqual(10 * minute)
          for (const id of mail.settled) settled.add(id)
          for (const id of mail.mailed) {
            expect(told.has(id)).toBe(false)
            expect(waiting.find((call) => call.id === id)?.seenAt).toBe(null)
            told.add(id)
          }
        }
      }
      expect(told.size).toBe(calls.length)
      expect(settled).toEqual(told)
    }),
  )
})

test('M5.2 C4.3 what was seen is settled by no mail, and by its age alone', () => {
  const seen = { id: '1', userId: 'ann', at: 0, seenAt: 1 }
  expect(dueCalls([seen], 24 * 60 * minute - 1, 10 * minute)).toEqual([])
  expect(dueCalls([seen], 24 * 60 * minute, 10 * minute)).toEqual([
    { userId: 'ann', settled: ['1'], mailed: [] },
  ])
  // Nor has one that came later waited for it.
  const later = { id: '2', userId: 'ann', at: 15 * minute, seenAt: null }
  expect(dueCalls([seen, later], 20 * minute, 10 * minute)).toEqual([])
})

test('M5.2 what was missed more than a day ago is no news', () => {
  const call = { id: '1', userId: 'ann', at: 0, seenAt: null }
  expect(dueCalls([call], 25 * 60 * minute, 10 * minute)).toEqual([
    { userId: 'ann', settled: ['1'], mailed: [] },
  ])
})

/** A server where a person was called so often while none of their devices was reachable. */
async function missed(
  calls: number,
  change: { mailMissed?: number; mailNames?: number; language?: string } = {},
) {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const db = await server.db()
  if (Object.keys(change).length > 0)
    await db.updateTable('user').set(change).where('email', '=', ann.email).execute()
  for (let n = 0; n < calls; n += 1) await callerOf(server).place('ann', 'Dr Bell')
  return server
}

const waitTenMinutes = ({ clock }: InProcessServer) => clock.advance(10 * minute)

/** Once the mail about another person's call has come, whatever was to be mailed before it has. */
async function othersAreMailed(server: InProcessServer) {
  await callerOf(server).place(ben.username)
  waitTenMinutes(server)
  await mailsTo(server, ben.email)
}

test('M5.3 calls missed while no device was reachable are one mail, which names nobody', async () => {
  const server = await missed(3)
  waitTenMinutes(server)
  const [mail] = await mailsTo(server, ann.email)
  expect(mail?.subject).toBe('You missed 3 calls')
  expect(mail?.text?.match(/^\* /gm)).toHaveLength(3)
  expect(`${mail?.text}${mail?.html}`).not.toContain('Bell')
  await othersAreMailed(server)
  await mailsTo(server, ann.email, 1)
})

test('M5.3 callers are named for whoever allows it, in the language that they chose', async () => {
  const server = await missed(1, { mailNames: 1, language: 'de' })
  waitTenMinutes(server)
  const [mail] = await mailsTo(server, ann.email)
  expect(mail?.subject).toBe('Sie haben einen Anruf verpasst')
  expect(mail?.text).toContain('Dr Bell')
})

test('PL3.3 M5.3 a contact whose call was missed is named as any caller, and of who is blocked there is no mail', async () => {
  const { server, db, anns, annId, benId } = await annAndBen()
  await db.updateTable('user').set({ mailNames: 1 }).where('id', '=', benId).execute()
  await call(anns, benId)
  await standing(anns, 'waiting')
  server.clock.advance(45_000)
  await standing(anns, 'missed')
  waitTenMinutes(server)
  expect((await mailsTo(server, ben.email))[0]?.text).toContain('Ann Able')
  await relate(db, [benId, annId], { relation: 'blocked', before: 'contact' })
  // Nobody was heard of for so long.
  const back = await comeBack(server, ann, 'anns')
  const blocked = await call(back, benId)
  await ask(back, { what: 'cancel-call', call: blocked.id })
  await db
    .updateTable('call')
    .set({ state: 'missed', why: 'unreachable' })
    .where('id', '=', blocked.id)
    .execute()
  back.close()
  await callerOf(server).place('ann')
  waitTenMinutes(server)
  await mailsTo(server, ann.email)
  await mailsTo(server, ben.email, 1)
})

test('M5.2 a person who wants no such mails gets none', async () => {
  const server = await missed(1, { mailMissed: 0 })
  await othersAreMailed(server)
  await expectNoMailTo(server, ann.email)
})

test('M5.2 calls that were seen meanwhile are not mailed', async () => {
  const server = await missed(2)
  const device = await reachableDevice(server, ann)
  const [seen] = device.welcome.missed
  device.send({ type: 'seen', calls: device.welcome.missed.map(({ id }) => id) })
  expect(seen).toBeDefined()
  await device.next('missed')
  await othersAreMailed(server)
  await expectNoMailTo(server, ann.email)
})

test('M5.2 C4.3 a call that was marked as seen by mistake is mailed all the same', async () => {
  const server = await missed(2)
  const device = await reachableDevice(server, ann)
  const [first, second] = device.welcome.missed.map(({ id }) => id)
  device.send({ type: 'seen', calls: [first ?? '', second ?? ''], n: 1 })
  await device.next('missed')
  device.send({ type: 'unseen', calls: [first ?? ''], n: 2 })
  await device.next('missed')
  waitTenMinutes(server)
  const [mail] = await mailsTo(server, ann.email)
  expect(mail?.subject).toBe('You missed a call')
})

test('M5.1 M5.2 C4.3 a mark that is taken back when others would have been mailed long since leaves no call untold', async () => {
  const server = await missed(1)
  const device = await reachableDevice(server, ann)
  const calls = device.welcome.missed.map(({ id }) => id)
  device.send({ type: 'seen', calls, n: 1 })
  await device.next('missed')
  await othersAreMailed(server)
  await expectNoMailTo(server, ann.email)
  // In these ten minutes it was silent, and was cut off.
  const back = await reachableDevice(server, ann, 'device-2')
  back.send({ type: 'unseen', calls, n: 1 })
  expect((await back.next('missed')).missed).toHaveLength(1)
  waitTenMinutes(server)
  const [mail] = await mailsTo(server, ann.email)
  expect(mail?.subject).toBe('You missed a call')
})

test('M5.1 M5.2 C4.3 what was seen as a mail left is in a later one once that is taken back, and in none twice', async () => {
  const server = await missed(2)
  const db = await server.db()
  const [first, second] = await db.selectFrom('call').select(['id', 'userId']).orderBy('at').execute()
  if (!first || !second) throw new Error('there are no calls')
  const seen = (id: string, seenAt: number | null) =>
    db.updateTable('call').set({ seenAt }).where('id', '=', id).execute()
  const { userId } = first
  const now = Date.now() + 10 * minute
  expect(await enqueueMissedCallMails(db, now, 10 * minute)).toBe(1)
  const told = async (madeAt: number) =>
    (await missedCallsToTell(db, userId, [first.id, second.id], madeAt)).length
  await seen(first.id, now)
  expect(await told(now)).toBe(1)
  await seen(first.id, null)
  // Tried again, since it could not be delivered.
  expect(await told(now)).toBe(1)
  expect(await enqueueMissedCallMails(db, now + minute, 10 * minute)).toBe(1)
  expect(await told(now + minute)).toBe(1)
  expect(await told(now)).toBe(1)
})

test('M5.2 a call that rang and was not answered is not mailed: a device was reachable', async () => {
  const server = await missed(0)
  const device = await reachableDevice(server, ann)
  const placing = callerOf(server).place('ann')
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  await callerOf(server).cancel((await placing).id)
  device.close()
  await othersAreMailed(server)
  await expectNoMailTo(server, ann.email)
})
