import { expect, test } from 'vitest'
import { openPeople, twoPeople } from '../support/two-people.ts'

test('E23.1 PC1.2 PU2.1 PU2.2 PU2.3 G1.5 G1.9 one asks, the other accepts; each sees where the other is, and calls them', async () => {
  const { ann, ben, annDevice, benDevice } = await twoPeople({ strangers: true })
  const atAnn = await openPeople(annDevice)
  await atAnn.ask(ben.username)
  await expect.poll(() => atAnn.words(ben.username)).toMatch(/^Asked at .*, no answer yet$/)
  await expect.poll(() => benDevice.toolbar.badge()).toBe('1')
  expect(await benDevice.toolbar.tooltip()).toContain('1 contact request.')

  const atBen = await openPeople(benDevice)
  expect(await atBen.requests.innerText()).toContain(`${ann.name} asks to be your contact`)
  await atBen.acceptFrom(ann.name)
  for (const [people, other] of [
    [atAnn, ben],
    [atBen, ann],
  ] as const) {
    await expect.poll(() => people.shape(other.name)).toBe('available')
    expect(await people.words(other.name)).toBe('Can be reached')
    expect(await people.drawnShape(other.name)).toBe('available')
  }
  expect(await atBen.requests.count()).toBe(0)
  await expect.poll(() => benDevice.toolbar.badge()).toBe('')

  await atBen.chooseStatus('Busy…', /^30 minutes/)
  await expect.poll(() => atAnn.words(ben.name)).toMatch(/^Busy until /)
  expect(await atAnn.drawnShape(ben.name)).toBe('busy')
  await expect.poll(() => benDevice.toolbar.badge()).toBe('–')
  await expect.poll(() => atBen.seenText()).toMatch(/Your contacts see: Busy until /)
  await atBen.page.getByRole('button', { name: 'End now' }).click()
  await expect.poll(() => atAnn.words(ben.name)).toBe('Can be reached')

  await atAnn.call(ben.name).click()
  const rung = await benDevice.callWindow()
  await rung.decline.waitFor()
  expect(await rung.caller.innerText()).toContain(ann.name)
  await rung.decline.click()
  const placed = await annDevice.callWindow()
  await expect.poll(async () => (await placed.status.allInnerTexts()).join()).toMatch(/declined/i)
})
