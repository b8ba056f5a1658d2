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
  const rows = (table: 'proof' | 'visit') => db.selectFrom(table).selectAll().execute()
  return { server, place, page, db, rows, proofsBefore: (await rows('proof')).length }
}

test('PV5.4 PV2.5 a visitor in a crowd is called for by the work of their browser, which they only wait for', async () => {
  const { place, page, db, rows, proofsBefore } = await placeUnderLoad()
  await place.name.fill('Maria')
  await place.call.click()
  await expect
    .poll(() => place.standing.textContent())
    .toMatch(/^(Ringing one person|You are (next|.+ in line))\.$/)
  expect((await rows('proof')).length).toBe(proofsBefore + 1)
  const hers = await db.selectFrom('visit').select('id').where('name', '=', 'Maria').execute()
  expect(hers.length).toBe(1)
  const asked = await page.evaluate(
    () => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/desk/visits')).length,
  )
  expect(asked).toBe(2)
})

test('PV5.4 PV4.2 a message that is left in a crowd is delivered once, as it was typed, by the work of the browser', async () => {
  const { place, page, db, rows, proofsBefore } = await placeUnderLoad()
  const lines = ['Please call me.', 'Tomorrow will do.']
  const typed = { name: 'Maria', wayBack: 'maria@home.example', text: lines.join('\n') }
  await place.leaveInstead.click()
  await place.message.name.fill(typed.name)
  await place.message.wayBack.fill(typed.wayBack)
  await place.message.text.fill(typed.text)
  await place.message.leave.click()
  await page.getByRole('heading', { name: 'Delivered' }).waitFor()
  expect((await rows('proof')).length).toBe(proofsBefore + 1)
  const delivered = await db.selectFrom('message').select('text').execute()
  expect(delivered.length).toBe(1)
  for (const said of [typed.name, typed.wayBack, ...lines]) expect(delivered[0]?.text).toContain(said)
})
