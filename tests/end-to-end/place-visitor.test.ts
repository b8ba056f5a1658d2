import { expect, test } from 'vitest'
import { changePlace } from '../../server/places/place-rows.ts'
import { addPlace } from '../server/places/place-on-server.ts'
import { asTestServer } from '../server/support/as-test-server.ts'
import { idOf } from '../server/support/people.ts'
import { signedInCallee } from '../support/called-person.ts'
import { openPlainBrowser } from '../support/open-device.ts'
import { placeOn } from '../support/pages/place.ts'
import { memberDevice, placeWithMember } from '../support/place-with-member.ts'
import { addPerson } from '../support/server/add-person.ts'
import { startServer } from '../support/server/start-server.ts'

const ben = { username: 'ben', email: 'ben@clinic.example', name: 'Ben Baker' }

/** A place with somebody whose extension is real, and a visitor's page of it. */
async function placeOfExtension() {
  const { server, person, device } = await signedInCallee({ TRUST_PROXY: 'on' })
  const at = asTestServer(server)
  await addPlace(at, { members: [await idOf(at, person.email)] })
  const place = placeOn(await (await openPlainBrowser({ scripts: true })).newPage())
  await place.page.goto(`${server.url}/reach/desk`)
  await expect.poll(place.isGreen).toBe(true)
  return { server, person, device, place }
}

test('PV3.2 PV3.7 PV3.10 PV2.5 a visitor calls, hears that it rings, and is in the room with who answers in the extension', async () => {
  const { server, device, place } = await placeOfExtension()
  await place.confirmed.filter({ hasText: /Confirmed \d/ }).waitFor()
  await place.name.fill('Maria')
  await place.call.click()
  const ring = await device.callWindow()
  await expect.poll(() => ring.caller.textContent()).toBe('Front desk: Maria')
  await place.standing.filter({ hasText: 'Ringing one person.' }).waitFor()
  const room = device.nextPageAt(`${server.url}/rooms/`)
  await ring.answer.click()
  await expect.poll(async () => String(await place.page.url())).toContain('/rooms/')
  const [hers, his] = [new URL(String(await place.page.url())), new URL(String(await (await room).url()))]
  expect(hers.pathname).toBe(his.pathname)
})

test('PV3.7 PV2.5 who declines, who hangs up and who does not answer: each has its sentence, and a form for a message', async () => {
  const server = await startServer({ TRUST_PROXY: 'on', RING_FOR: '4' })
  const { device } = await placeWithMember(server)
  const place = placeOn(await (await openPlainBrowser({ scripts: true })).newPage())
  await place.page.goto(`${server.url}/reach/desk`)
  await place.name.fill('Maria')
  await place.call.click()
  const first = await device.next('ring')
  device.send({ type: 'decline', call: first.call.id })
  await place.standing.filter({ hasText: 'Front desk cannot take your call now.' }).waitFor()
  await place.message.title.waitFor()
  // What was typed once need not be typed again.
  expect(await place.message.name.inputValue()).toBe('Maria')

  await place.call.click()
  const second = await device.next('ring')
  device.send({ type: 'rings', call: second.call.id })
  await place.hangUp.click()
  await place.standing.filter({ hasText: 'You hung up.' }).waitFor()

  await place.call.click()
  const third = await device.next('ring')
  device.send({ type: 'rings', call: third.call.id })
  await place.standing.filter({ hasText: 'Nobody answered.' }).waitFor()
  await place.message.wayBack.fill('maria@home.example')
  await place.message.text.fill('Please call me.')
  await place.message.leave.click()
  await place.page.getByRole('heading', { name: 'Delivered' }).waitFor()
})

test('PV4.3 PV2.5 what a visitor is writing stays where the place can be reached again meanwhile', async () => {
  const server = await startServer()
  const at = asTestServer(server)
  const person = await addPerson(server)
  const id = await addPlace(at, { members: [await idOf(at, person.email)] })
  const day = (new Date().getUTCDay() + 2) % 7
  await changePlace(await at.db(), id, { hours: JSON.stringify([{ day, from: 480, to: 1_020 }]) })
  const place = placeOn(await (await openPlainBrowser({ scripts: true })).newPage())
  await place.page.goto(`${server.url}/reach/desk`)
  await place.sentence.filter({ hasText: 'Front desk is closed now.' }).waitFor()
  await place.opening.filter({ hasText: /^It opens .+\.$/ }).waitFor()
  await place.message.text.fill('Please call me.')
  await changePlace(await at.db(), id, { hours: null })
  await memberDevice(server, person)
  await expect.poll(place.isGreen).toBe(true)
  expect(await place.opening.textContent()).toBe('')
  expect(await place.message.text.inputValue()).toBe('Please call me.')
  expect(await place.message.leave.isVisible()).toBe(true)
})

test('PV3.5 PV3.3 with two members and three visitors two ring, one waits and is told their place', async () => {
  const server = await startServer({ TRUST_PROXY: 'on' })
  const at = asTestServer(server)
  const people = [await addPerson(server), await addPerson(server, ben)]
  await addPlace(at, { members: await Promise.all(people.map(({ email }) => idOf(at, email))) })
  const devices = []
  for (const person of people) devices.push(await memberDevice(server, person))
  const browser = await openPlainBrowser({ scripts: true })
  const visitors = []
  for (const name of ['One', 'Two', 'Three']) {
    const place = placeOn(await browser.newPage())
    await place.page.goto(`${server.url}/reach/desk`)
    await place.name.fill(name)
    await place.call.click()
    visitors.push(place)
    if (name !== 'Three')
      for (const device of devices) {
        const { call } = await device.next('ring')
        device.send({ type: 'rings', call: call.id })
      }
  }
  await visitors[0]?.standing.filter({ hasText: 'Ringing two people.' }).waitFor()
  await visitors[2]?.standing.filter({ hasText: 'You are next.' }).waitFor()
  await visitors[0]?.hangUp.click()
  for (const device of devices) {
    const { call } = await device.next('ring')
    expect(call.from).toBe('Front desk: Three')
    device.send({ type: 'rings', call: call.id })
  }
  await visitors[2]?.standing.filter({ hasText: 'Ringing two people.' }).waitFor()
})

test('PV2.1 PV4.1 without scripts the page says what is so, takes it back by itself, and leaves a message', async () => {
  const server = await startServer()
  await placeWithMember(server)
  const place = placeOn(await (await openPlainBrowser({ scripts: false })).newPage())
  await place.page.goto(`${server.url}/reach/desk`)
  await place.sentence.filter({ hasText: 'Front desk can be reached now.' }).waitFor()
  await place.page.getByText('your browser has to allow its script').waitFor()
  await place.page
    .getByText('When this page was loaded, Front desk could be reached.')
    .waitFor({ timeout: 12_000 })
  expect(await place.sentence.isVisible()).toBe(false)
  await place.message.name.fill('Maria')
  await place.message.wayBack.fill('+49 30 1234567')
  await place.message.text.fill('Please call me.')
  await place.message.leave.click()
  await place.page.getByRole('heading', { name: 'Delivered' }).waitFor()
})
