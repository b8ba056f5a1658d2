import { test } from 'vitest'
import { compose, type Picture } from './compose.ts'
import { type Stage, setStage } from './on-stage.ts'

/** The icon with what stands left and right of it. */
const part = { x: 505, y: 42, width: 120, height: 42 }

async function shownAs(caption: string, { desktop }: Stage): Promise<Picture> {
  desktop.moveAway()
  return { png: await desktop.shot(part), caption, width: 168 }
}

test('toolbar.png', async () => {
  const stage = await setStage({ scale: 3 })
  const { server, badge, logIn, missACall, ring } = stage
  await badge('OFF')
  const unreachable = await shownAs('calls cannot reach you', stage)
  await logIn()
  const reachable = await shownAs('calls can reach you', stage)
  server.freeze()
  await badge('…')
  const checking = await shownAs('checking', stage)
  server.thaw()
  await badge('ON')
  await missACall()
  const missed = await shownAs('one missed call', stage)
  await ring()
  const ringing = await shownAs('a call', stage)
  await compose('toolbar', [reachable, checking, unreachable, ringing, missed])
})
