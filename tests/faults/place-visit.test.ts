import { expect, inject, test, vi } from 'vitest'
import { placeTiming } from '../../protocol/place.ts'
import { asTestServer } from '../server/support/as-test-server.ts'
import { openDevice } from '../support/open-device.ts'
import { openTabs } from '../support/open-tabs.ts'
import type { Page } from '../support/page.ts'
import { placeOn } from '../support/pages/place.ts'
import { placeWithMember } from '../support/place-with-member.ts'
import { startServerBehindProxy } from '../support/server/start-server-behind-proxy.ts'

const second = 1_000

/** A visitor for whom it rings on a member's device. @param prepare runs in their page before they press Call. */
async function ringingVisit<Browser extends { readonly newPage: () => Promise<Page> }>(
  open: () => Promise<Browser>,
  prepare = () => {},
) {
  const { server, network } = await startServerBehindProxy()
  const { device } = await placeWithMember(server)
  const browser = await open()
  const place = placeOn(await browser.newPage())
  await place.page.goto(`${network.url}/reach/desk`)
  await place.page.evaluate(prepare)
  await place.name.fill('Maria')
  await place.call.click()
  const { call } = await device.next('ring')
  expect(call.from).toBe('Front desk: Maria')
  device.send({ type: 'rings', call: call.id })
  await place.standing.filter({ hasText: 'Ringing one person.' }).waitFor()
  return { server, network, device, browser, place, call }
}

/** Runs in a page: notes for its tab, whichever page is in it later, that something sounded. */
function noteSound(): void {
  const Native = globalThis.AudioContext
  globalThis.AudioContext = class extends Native {
    readonly #ear = this.createScriptProcessor(1_024, 1, 1)
    constructor() {
      super()
      this.#ear.connect(super.destination)
      this.#ear.onaudioprocess = ({ inputBuffer }) => {
        if (inputBuffer.getChannelData(0).some((loudness) => Math.abs(loudness) > 0.1))
          sessionStorage.setItem('sounded', 'yes')
      }
    }
    override get destination() {
      return this.#ear as unknown as AudioDestinationNode
    }
  }
}

/**
 * Measured in the page, as the visitor has it.
 *
 * @returns gives how many ms after the next click these words stood there; null as long as they do not.
 */
async function timeOf(page: Page, words: string): Promise<() => Promise<number | null>> {
  await page.evaluate((awaited) => {
    const tab = globalThis as typeof globalThis & { tookMs: number | null }
    tab.tookMs = null
    const begin = () => {
      const began = performance.now()
      const observer = new MutationObserver(() => {
        if (!document.getElementById('standing')?.textContent?.includes(awaited)) return
        observer.disconnect()
        tab.tookMs = performance.now() - began
      })
      observer.observe(document.body, { childList: true, characterData: true, subtree: true })
    }
    document.addEventListener('click', begin, { once: true, capture: true })
  }, words)
  return () => page.evaluate(() => (globalThis as typeof globalThis & { tookMs: number | null }).tookMs)
}

test('PV3.6 a visitor whose network is lost hears so, and nobody can answer them after six seconds', async () => {
  const { network, device, place, call } = await ringingVisit(openDevice)
  const began = performance.now()
  network.stall()
  const over = await device.next('over')
  expect(over).toMatchObject({ call: call.id, outcome: 'cancelled' })
  expect(performance.now() - began).toBeLessThan(placeTiming.leaseFor + placeTiming.holdFor + 3 * second)
  await place.standing.filter({ hasText: 'The connection is lost.' }).waitFor()
  network.restore()
  await place.standing.filter({ hasText: 'Nothing was heard of this page for too long' }).waitFor()
  await place.message.title.waitFor()
})

test('PV3.11 who hangs up without a network hears within 5 s what is so, and nobody can answer them', async () => {
  const { network, device, place, call } = await ringingVisit(openDevice)
  network.stall()
  const took = await timeOf(place.page, 'You hung up. Should anybody still be called')
  await place.hangUp.click()
  await expect.poll(took).not.toBeNull()
  expect(await took()).toBeLessThan(5 * second)
  expect(await device.next('over')).toMatchObject({ call: call.id, outcome: 'cancelled' })
  network.restore()
  expect(await place.standing.textContent()).toContain('You hung up.')
})

test('PV3.11 PV3.8 who presses Call without a network hears so within 5 s, and rings once when it is back', async () => {
  const { server, network } = await startServerBehindProxy()
  const { device } = await placeWithMember(server)
  const place = placeOn(await (await openDevice()).newPage())
  await place.page.goto(`${network.url}/reach/desk`)
  await expect.poll(place.isGreen).toBe(true)
  network.stall()
  await place.name.fill('Maria')
  const took = await timeOf(place.page, 'No answer yet.')
  await place.call.click()
  await expect.poll(took).not.toBeNull()
  expect(await took()).toBeLessThan(5 * second)
  network.restore()
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await place.standing.filter({ hasText: 'Ringing one person.' }).waitFor()
  const calls = await (await asTestServer(server).db()).selectFrom('call').select('id').execute()
  expect(calls).toEqual([{ id: call.id }])
})

test('PV3.6 a visitor who closes the page is not answered', async () => {
  const { device, place, call } = await ringingVisit(openDevice)
  const began = performance.now()
  await place.page.close()
  expect(await device.next('over')).toMatchObject({ call: call.id, outcome: 'cancelled' })
  expect(performance.now() - began).toBeLessThan(placeTiming.leaseFor + placeTiming.holdFor + 3 * second)
})

test('PV3.6 PV3.4 PV2.5 a visitor who looks at something else meanwhile keeps their place, hears two notes once somebody answers, and is in the room', async () => {
  const { device, browser, place, call } = await ringingVisit(openTabs, noteSound)
  const show = await browser.hide(place.page)
  const began = performance.now()
  await vi.waitUntil(() => performance.now() - began > 4 * placeTiming.leaseFor, { timeout: 60 * second })
  device.send({ type: 'answer', call: call.id })
  expect(await device.next('over')).toMatchObject({ outcome: 'answered', here: true })
  await expect.poll(async () => String(await place.page.url()), { timeout: 15 * second }).toContain('/rooms/')
  // On a machine without a sound device Firefox lets nothing sound.
  if (inject('browser') === 'chromium')
    expect(await place.page.evaluate(() => sessionStorage.getItem('sounded'))).toBe('yes')
  await show()
})

test('PV3.9 PV3.7 a server that is killed while it rings leaves nobody waiting without a word', async () => {
  const { server, place } = await ringingVisit(openDevice)
  await server.kill()
  await place.standing.filter({ hasText: 'The connection is lost.' }).waitFor()
  await server.restart()
  await place.standing
    .filter({ hasText: /heard of this page for too long|could be reached after all/ })
    .waitFor()
  await place.message.title.waitFor()
})
