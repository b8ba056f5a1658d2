import { test } from 'vitest'
import { type DesktopFixture, openDesktopFixture } from './desktop-fixture.ts'
import { type Picture, saveSideBySide } from './save-picture.ts'

/** The icon with what stands left and right of it. */
const iconArea = { x: 505, y: 42, width: 120, height: 42 }

async function shownAs(caption: string, { desktop }: DesktopFixture): Promise<Picture> {
  desktop.moveAway()
  return { png: await desktop.shot(iconArea), caption, width: 168 }
}

test('toolbar.png', async () => {
  const fixture = await openDesktopFixture({ scale: 3 })
  const { server, badge, logIn, missCall, ring } = fixture
  await badge('OFF')
  const unreachable = await shownAs('calls cannot reach you', fixture)
  await logIn()
  const reachable = await shownAs('calls can reach you', fixture)
  server.freeze()
  await badge('…')
  const checking = await shownAs('checking', fixture)
  server.thaw()
  await badge('ON')
  await missCall()
  const missed = await shownAs('one missed call', fixture)
  await ring()
  const ringing = await shownAs('a call', fixture)
  await saveSideBySide('toolbar', [reachable, checking, unreachable, ringing, missed])
})
