import { expect, test, vi } from 'vitest'
import type { Browser } from '../../scripts/browsers/find-browser.ts'
import { greenPlace } from '../support/green-place.ts'
import { openTabsOf } from '../support/open-tabs.ts'

const second = 1_000
const minute = 60 * second
const browsers: readonly Browser[] = ['chromium', 'firefox']

/** @returns how often the page was green of its first looks after ten minutes in which it was hidden, and a member left. */
async function greenAfterHiding(name: Browser): Promise<number> {
  const { member, place, browser } = await greenPlace(() => openTabsOf(name))
  const show = await browser.hide(place.page)
  const state = () => place.page.evaluate(() => document.querySelector('.light')?.getAttribute('data-state'))
  await expect.poll(state).toBe('checking')
  const began = performance.now()
  const hiddenFor = (ms: number) =>
    vi.waitUntil(() => performance.now() - began > ms, { timeout: 11 * minute, interval: second })
  await hiddenFor(10 * minute - 30 * second)
  member.device.silence()
  member.device.send({ type: 'goodbye', why: 'exit' })
  await hiddenFor(10 * minute)
  await show()
  let green = 0
  for (let looks = 0; looks < 40; looks += 1) if (await place.isGreen()) green += 1
  await place.sentence.filter({ hasText: 'can be reached at this moment' }).waitFor()
  return green
}

test('PV2.3 a page that was hidden for ten minutes says nothing that is over as it is seen again, and asks anew', {
  timeout: 15 * minute,
}, async () => {
  expect(await Promise.all(browsers.map(greenAfterHiding))).toEqual([0, 0])
})
