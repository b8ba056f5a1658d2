import { expect } from 'vitest'
import type { Page } from './page.ts'
import { placeOn } from './pages/place.ts'
import { placeWithMember } from './place-with-member.ts'
import { startServerBehindProxy } from './server/start-server-behind-proxy.ts'

/** A page of a place that is green, with every part of the way to a member in the test's hands. */
export async function greenPlace<Browser extends { readonly newPage: () => Promise<Page> }>(
  open: () => Promise<Browser>,
) {
  const { server, network } = await startServerBehindProxy()
  const member = await placeWithMember(server)
  const browser = await open()
  const place = placeOn(await browser.newPage())
  await place.page.goto(`${network.url}/reach/desk`)
  await expect.poll(place.isGreen).toBe(true)
  await place.sentence.filter({ hasText: 'Front desk can be reached now.' }).waitFor()
  return { server, network, member, browser, place }
}
