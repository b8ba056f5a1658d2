import { expect, onTestFinished, test } from 'vitest'
import { visitorAt } from '../server/places/place-on-server.ts'
import { asTestServer } from '../server/support/as-test-server.ts'
import { openPlainBrowser } from '../support/open-device.ts'
import { placeOn } from '../support/pages/place.ts'
import { placeWithMember } from '../support/place-with-member.ts'
import { startServer } from '../support/server/start-server.ts'

const pressEvery = 100

/** A page of a place at which a crowd presses Call, each from an address of their own, for as long as the test is. */
async function placeUnderLoad() {
  const server = await startServer({ TRUST_PROXY: 'on' })
  const { device } = await placeWithMember(server)
  device.socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    if (message.type === 'ring') device.send({ type: 'rings', call: message.call.id })
  })
  const page = await (await openPlainBrowser({ scripts: true })).newPage()
  const place = placeOn(page)
  await page.goto(`${server.url}/reach/desk`)
  await expect.poll(place.isGreen).toBe(true)
  const answers: string[] = []
  let n = 0
  const press = async () => {
    n += 1
    const { kind } = await visitorAt(server, `198.18.${n >> 8}.${n & 255}`).call('Crowd')
    answers.push(kind)
  }
  const crowd = setInterval(() => press().catch(() => {}), pressEvery)
  onTestFinished(() => clearInterval(crowd))
  await expect.poll(() => answers.slice(-3)).toEqual(['prove', 'prove', 'prove'])
  const db = await asTestServer(server).db()
  const proofs = async () => (await db.selectFrom('proof').select('hash').execute()).length
  const before = await proofs()
  return { place, page, db, isProven: async () => (await proofs()) > before }
}

/**
 * One press a second goes through without any work, and a crowd has nearly all of those: whoever has one of them tries again.
 *
 * @returns how often it was tried.
 */
async function untilProven(isProven: () => Promise<boolean>, press: (n: number) => Promise<void>) {
  for (let n = 1; ; n += 1) {
    await press(n)
    if (await isProven()) return n
  }
}

const lineOrRing = /^(Ringing one person|You are (next|.+ in line))\.$/

test('PV5.4 PV2.5 a visitor in a crowd is called for by the work of their browser, which they only wait for', async () => {
  const { place, page, db, isProven } = await placeUnderLoad()
  const asked = () =>
    page.evaluate(
      () =>
        performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/desk/visits')).length,
    )
  await place.name.fill('Maria')
  let before = 0
  const presses = await untilProven(isProven, async (n) => {
    if (n > 1) await place.hangUp.click()
    before = await asked()
    await place.call.click()
    await expect.poll(() => place.standing.textContent()).toMatch(lineOrRing)
  })
  // Asked for once, and once more with the proof.
  expect((await asked()) - before).toBe(2)
  const hers = await db.selectFrom('visit').select('id').where('name', '=', 'Maria').execute()
  expect(hers.length).toBe(presses)
})

test('PV5.4 PV4.2 a message that is left in a crowd is delivered once, as it was typed, by the work of the browser', async () => {
  const { place, page, db, isProven } = await placeUnderLoad()
  const typed = { name: 'Maria', wayBack: 'maria@home.example', text: 'Please call me.\nTomorrow will do.' }
  const address = String(await page.url())
  const messages = await untilProven(isProven, async (n) => {
    if (n > 1) await page.goto(address)
    await place.leaveInstead.click()
    await place.message.name.fill(typed.name)
    await place.message.wayBack.fill(typed.wayBack)
    await place.message.text.fill(`${typed.text}\n(${n})`)
    await place.message.leave.click()
    await page.getByRole('heading', { name: 'Delivered' }).waitFor()
  })
  const delivered = await db.selectFrom('message').select('text').execute()
  expect(delivered.length).toBe(messages)
  const last = delivered.find(({ text }) => text.includes(`(${messages})`))
  for (const said of [typed.name, typed.wayBack, ...typed.text.split('\n')])
    expect(last?.text).toContain(said)
})
