import { randomUUID } from 'node:crypto'
import { chromium, type Page } from 'playwright'
import { expect, onTestFinished, test } from 'vitest'
import type { RoomSide } from '../../protocol/room.ts'
import { requireBrowser } from '../../scripts/browsers/find-browser.ts'
import { sandboxFlags } from '../../scripts/browsers/launch-chromium.ts'
import { createRoomKeys } from '../../server/rooms/room-tickets.ts'
import { answeredCallIn } from '../server/rooms/room-page.ts'
import { type Coturn, startCoturn } from '../support/relay/start-coturn.ts'
import { addPerson } from '../support/server/add-person.ts'
import { withDatabaseOf } from '../support/server/database-of.ts'
import { startServer } from '../support/server/start-server.ts'

/** A Chromium of its own with a camera and a microphone that it makes up, and gives to whatever page asks. */
async function openWithDevices(): Promise<Page> {
  const browser = await chromium.launch({
    executablePath: requireBrowser('chromium'),
    args: [...sandboxFlags, '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  })
  onTestFinished(() => browser.close())
  return (await browser.newContext()).newPage()
}

/** What a page sent of candidates and descriptions, as it went out. */
function noteSignals(page: Page): readonly string[] {
  const sent: string[] = []
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      if (String(payload).startsWith('{"type":"signal"')) sent.push(String(payload))
    }),
  )
  return sent
}

/** Two in a room whose server has this relay, each with what they sent on their way to each other. */
async function twoByRelay(
  relay: Coturn,
  turnSecret: string,
  placedBy: string,
  more: Record<string, string> = {},
) {
  const secret = randomUUID() + randomUUID()
  const server = await startServer({
    ...{ AUTH_SECRET: secret, TURN_SECRET: turnSecret },
    TURN_URLS: `turn:127.0.0.1:${relay.port}?transport=udp`,
    ...more,
  })
  const { username } = await addPerson(server)
  const { room } = await withDatabaseOf(server, async (db) => {
    const { id } = await db
      .selectFrom('user')
      .select('id')
      .where('username', '=', username)
      .executeTakeFirstOrThrow()
    return answeredCallIn(db, { callee: id, placedBy, answeredAt: Date.now() })
  })
  const keys = createRoomKeys(secret)
  const come = async (side: RoomSide) => {
    const page = await openWithDevices()
    const sent = noteSignals(page)
    await page.goto(`${server.url}/rooms/${room}#t=${keys.freshTicket(room, side, Date.now())}`)
    await page.getByRole('button', { name: 'Join', exact: true }).click()
    return { page, sent }
  }
  return Promise.all([come('caller'), come('callee')])
}

const byRelay = /by a relay/

test.each<{ readonly of: string; readonly placedBy: string; readonly more: Record<string, string> }>([
  { of: 'a visitor', placedBy: 'visitor:front-desk', more: {} },
  { of: 'everybody, where that is set', placedBy: 'operator', more: { TURN_ONLY: 'on' } },
])(
  'E25.4 RM5.2 sound and picture of $of go by a real relay alone, and no page tells the other where it is',
  async ({ placedBy, more }) => {
    const secret = randomUUID()
    const relay = await startCoturn({ secret, allowsLoopback: true })
    const both = await twoByRelay(relay, secret, placedBy, more)
    for (const { page } of both) await page.getByText(byRelay).waitFor({ timeout: 60_000 })
    for (const { sent } of both) {
      const candidates = sent.flatMap((frame) => frame.match(/candidate:[^"\\]+/g) ?? [])
      expect(candidates.length).toBeGreaterThan(0)
      expect(candidates.filter((candidate) => !candidate.includes(' typ relay '))).toEqual([])
      // Where the relay is asked from stands in no candidate either.
      expect(candidates.filter((candidate) => !/ raddr 0\.0\.0\.0 rport 0\b/.test(candidate))).toEqual([])
    }
    expect(relay.output()).toContain('ALLOCATE processed, success')
  },
)

test('E25.4 RM5.1 a relay that does not know the server’s secret lets nobody through, and no page says that they are connected', async () => {
  const relay = await startCoturn({ secret: randomUUID(), allowsLoopback: true })
  const both = await twoByRelay(relay, randomUUID(), 'operator', { TURN_ONLY: 'on' })
  for (const { page } of both) {
    await page
      .getByText(/^Connecting to|A new way is being looked for/)
      .first()
      .waitFor()
    expect(await page.getByText(byRelay).count()).toBe(0)
  }
  expect(relay.output()).not.toContain('ALLOCATE processed, success')
})
