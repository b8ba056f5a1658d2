import { expect, test } from 'vitest'
import { addAccount, randomPassword } from '../../server/accounts/operator-accounts.ts'
import { openPasswords } from '../../server/accounts/passwords.ts'
import type { Toolbar } from '../support/device.ts'
import { startNodes } from '../support/nodes/start-nodes.ts'
import { openDevice } from '../support/open-device.ts'
import { ann } from '../support/server/add-person.ts'
import { signIn } from '../support/sign-in.ts'

const day = 86_400_000

/** Looks at the light as often as the browser tells of it. */
function watchLight(toolbar: Toolbar) {
  let isOver = false
  let longestOff = 0
  let looks = 0
  const seen = new Set<string>()
  const watching = (async () => {
    let offSince: number | undefined
    while (!isOver) {
      const asked = performance.now()
      const light = await toolbar.light()
      looks += 1
      seen.add(light)
      // Drawn part by part: what is half ringing still is not off.
      if (light.includes('green') || light.includes('ringing')) offSince = undefined
      else {
        offSince ??= asked
        longestOff = Math.max(longestOff, performance.now() - offSince)
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  return async () => {
    isOver = true
    await watching
    return { longestOff, looks, seen: [...seen] }
  }
}

test('L3.10 L3.11 E22.1 while the machines of a service are restarted one by one the light stays green, and who calls meanwhile is heard', async () => {
  const nodes = await startNodes()
  const person = { ...ann, password: randomPassword() }
  const given = { firstPasswordLifetime: day }
  const added = await addAccount(
    nodes.database,
    openPasswords(),
    { ...person, isRandom: true },
    given,
    Date.now(),
  )
  expect(added).toEqual({ kind: 'added', account: expect.anything() })
  const device = await openDevice()
  await signIn(device, { url: nodes.url }, person)

  for (const node of nodes.all) {
    const endWatch = watchLight(device.toolbar)
    const stopping = node.stop()
    const call = await nodes.caller.place(person.username)
    const shown = await device.callWindow()
    await shown.answer.waitFor()
    await stopping
    await shown.decline.click()
    await expect.poll(async () => (await nodes.caller.get(call.id ?? '')).state).toBe('declined')
    await expect.poll(() => device.toolbar.light()).toBe('green')
    const { longestOff, looks, seen } = await endWatch()
    expect(longestOff, `seen: ${seen}`).toBeLessThan(1_000)
    expect(looks).toBeGreaterThan(5)
    await node.start()
    await expect.poll(() => nodes.isReady(node)).toBe(true)
    // The window of this call is not taken for that of the next one.
    await expect.poll(() => device.callWindowCount()).toBe(0)
  }
})
