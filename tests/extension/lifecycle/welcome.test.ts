import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { welcomeOnce } from '../../../entrypoints/background/lifecycle/welcome.ts'

beforeEach(() => fakeBrowser.reset())

test('X1.5 the welcome page opens at the first install and never again', async () => {
  const open = vi.spyOn(fakeBrowser.tabs, 'create')
  await welcomeOnce()
  await welcomeOnce()
  expect(open.mock.calls).toEqual([[{ url: fakeBrowser.runtime.getURL('/welcome.html') }]])
})

test('X1.5 a build for a window with a page of its own opens none', async () => {
  vi.stubEnv('WXT_NO_WELCOME', 'true')
  onTestFinished(() => void vi.unstubAllEnvs())
  const open = vi.spyOn(fakeBrowser.tabs, 'create')
  await welcomeOnce()
  expect(open).not.toHaveBeenCalled()
})
