import { expect, test } from 'vitest'
import { pinIcon } from '../../scripts/browsers/open-chromium.ts'
import { openDevice } from '../support/chromium/open-device.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('E13.1 the first install opens a page that shows how to pin the icon', async () => {
  const device = await openDevice({ keepWelcome: true })
  const welcome = await device.welcomePage()

  await welcome.getByRole('heading', { name: 'Keep it in sight' }).waitFor()
  await expect
    .poll(() => welcome.getByText('This page notices when you have done it.').isVisible())
    .toBe(true)
})

test('E13.2 that page says so once the icon is pinned', async () => {
  const profile = temporaryFolder()
  pinIcon(profile)
  const device = await openDevice({ profile, keepWelcome: true })
  const welcome = await device.welcomePage()

  await welcome.getByText('The light is in your toolbar.').waitFor()
})
