import { expect, test } from 'vitest'
import { placedCallOn } from '../support/pages/placed-call.ts'
import { threadOn } from '../support/pages/thread.ts'
import { openPeople, twoPeople } from '../support/two-people.ts'

test('E24.1 two people become contacts, one calls, the other answers, both are led to one room, and a message is counted and read', async () => {
  const { server, ann, ben, annDevice, benDevice } = await twoPeople({ strangers: true })
  const anns = await openPeople(annDevice)
  await anns.ask(ben.username)
  const bens = await openPeople(benDevice)
  await bens.acceptFrom(ann.name)
  await expect.poll(() => anns.shape(ben.name)).toBe('available')

  await anns.call(ben.name).click()
  const placed = placedCallOn((await annDevice.callWindow()).page)
  const ring = await benDevice.callWindow()
  await expect.poll(() => ring.caller.textContent()).toBe(ann.name)
  await ring.answer.waitFor()
  await expect.poll(placed.words).toBe('Ringing on 1 device')
  const rooms = [annDevice, benDevice].map((device) => device.nextPageAt(`${server.url}/`))
  await ring.answer.click()
  const [hers, his] = await Promise.all(rooms.map(async (room) => new URL(await (await room).url()).pathname))
  expect(hers).toBe(his)
  for (const device of [annDevice, benDevice]) await expect.poll(() => device.callWindowCount()).toBe(0)

  await anns.message(ben.name).click()
  await threadOn(anns.page).send('Thank you 👍')
  await expect.poll(() => benDevice.toolbar.badge()).toBe('1')
  await bens.message(ann.name).click()
  await expect.poll(threadOn(bens.page).texts).toEqual(['Thank you 👍'])
  await expect.poll(() => benDevice.toolbar.badge()).toBe('')
})
