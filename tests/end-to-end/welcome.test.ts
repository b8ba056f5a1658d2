import { expect, test } from 'vitest'
import { openDevice } from '../support/open-device.ts'

test('X1.5 the first install opens a page that shows how to pin the icon', async () => {
  const device = await openDevice({ keepWelcome: true, pinned: false })
  const welcome = await device.welcomePage()

  await welcome.getByRole('heading', { name: 'Keep it in sight' }).waitFor()
  await expect
    .poll(() => welcome.getByText('This page notices when you have done it.').isVisible())
    .toBe(true)
})

test('U7.2 that page says so once the icon is pinned', async () => {
  const device = await openDevice({ keepWelcome: true, pinned: true })
  const welcome = await device.welcomePage()

  await welcome.getByText('The light is in your toolbar.').waitFor()
})
