import { expect, test } from 'vitest'
import type { Database } from '../../server/database/tables.ts'
import type { Device } from '../support/device.ts'
import { addPerson } from '../support/server/add-person.ts'
import { openCallClient } from '../support/server/call-client.ts'
import { withDatabaseOf } from '../support/server/database-of.ts'
import { startServer } from '../support/server/start-server.ts'
import { openSignedInDevice } from '../support/sign-in.ts'
import { twoAccounts } from '../support/two-people.ts'

/** One asks the other, who has not answered. */
async function askOne(db: Database, one: string, other: string): Promise<void> {
  const idOf = async (username: string) =>
    (await db.selectFrom('user').select('id').where('username', '=', username).executeTakeFirstOrThrow()).id
  const [asking, asked] = [await idOf(one), await idOf(other)]
  const request = { typed: other, login: other, since: Date.now(), toSettle: 0 }
  await db
    .insertInto('contact')
    .values({ userId: asking, id: crypto.randomUUID(), otherId: asked, relation: 'asked', ...request })
    .execute()
  await db
    .insertInto('contact')
    .values({ userId: asked, id: asking, otherId: asking, relation: 'asks', since: Date.now() })
    .execute()
}

interface Opening {
  /** By the name of what can be pressed: milliseconds from the first frame with anything in it to the first with this. */
  readonly drawn: Readonly<Record<string, number>>
  readonly moved: readonly string[]
}

/** Opens the popup as high and wide as a popup may be, and looks in every frame where all is that can be pressed. */
async function watchOpening(device: Device, wanted: readonly string[]): Promise<Opening> {
  const page = await device.open('manifest.json')
  const opening = await page.evaluate(async (names: readonly string[]) => {
    const frame = document.createElement('iframe')
    frame.src = '/popup.html'
    frame.style.cssText = 'width:360px;height:600px;border:0'
    document.body.append(frame)
    const places = new Map<string, { readonly at: number; top: number; left: number }>()
    const moved: string[] = []
    const began = performance.now()
    let first: number | undefined
    let there: number | undefined
    // What comes late comes within a moment of the rest.
    while (performance.now() < Math.min(began + 20_000, (there ?? Number.POSITIVE_INFINITY) + 1_500)) {
      await new Promise(requestAnimationFrame)
      const inside = frame.contentDocument
      const now = performance.now()
      if (inside?.querySelector('main')) first ??= now
      for (const element of inside?.querySelectorAll<HTMLElement>('button, a[href], input') ?? []) {
        const { left, top, width } = element.getBoundingClientRect()
        const name = element.ariaLabel ?? element.innerText.trim()
        if (width === 0 || name === '') continue
        const place = places.get(name)
        if (!place) places.set(name, { at: Math.round(now - (first ?? now)), top, left })
        else if (Math.abs(place.top - top) > 0.5 || Math.abs(place.left - left) > 0.5) {
          moved.push(
            `${name}: ${place.left} ${place.top} to ${left} ${top}, after ${Math.round(now - began)} ms`,
          )
          Object.assign(place, { top, left })
        }
      }
      if (names.every((name) => places.has(name))) there ??= now
    }
    return { drawn: Object.fromEntries([...places].map(([name, { at }]) => [name, at])), moved }
  }, wanted)
  await page.close()
  return opening
}

/** So late it is drawn whatever is still to come. */
const overdue = 950

test('PU1.4 U4.2 nothing that can be pressed moves while the popup opens, nor where the worker has only just started; in a full one two callers are both seen', async () => {
  const server = await startServer()
  const { ann, ben } = await twoAccounts(server)
  const cem = await addPerson(server, { username: 'cem', email: 'cem@clinic.example', name: 'Cem Kaya' })
  await withDatabaseOf(server, (db) => askOne(db, cem.username, ann.username))
  const clinic = await openCallClient(server)
  await clinic.call(ann.username)
  const device = await openSignedInDevice(server, ann, { badge: '2' })
  const wanted = ['Add a contact', `Accept ${cem.name}`, `Call ${ben.name}`, 'Mark as seen', 'Test ring']
  const warm = await watchOpening(device, wanted)
  expect(Object.keys(warm.drawn)).toEqual(expect.arrayContaining(wanted))
  expect(warm.moved, JSON.stringify(warm.drawn)).toEqual([])

  const openings: Opening[] = []
  while (
    openings.length < 4 &&
    !openings.some(({ drawn }) => (drawn['Add a contact'] ?? overdue) < overdue)
  ) {
    await device.toolbar.killWorker()
    await clinic.call(ann.username, 'Dr Cho')
    openings.push(
      await watchOpening(device, [...wanted.filter((name) => name !== 'Mark as seen'), 'Dismiss']),
    )
  }
  const inTime = openings.find(({ drawn }) => (drawn['Add a contact'] ?? overdue) < overdue)
  expect(Object.keys(inTime?.drawn ?? {})).toEqual(expect.arrayContaining(['Add a contact', 'Dismiss']))
  expect(inTime?.moved, JSON.stringify(openings)).toEqual([])

  const popup = await device.openPopup()
  await popup.missed.waitFor()
  const [shown, whole] = await popup.missed
    .locator('.missed-scroll')
    .evaluate(({ clientHeight, scrollHeight }) => [clientHeight, scrollHeight] as const)
  expect(shown).toBe(whole)
})
