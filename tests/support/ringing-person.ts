import { expect } from 'vitest'
import { reachablePerson } from './reachable-person.ts'
import { openCallClient } from './server/call-client.ts'

/** What a call's window says once the connection that brought it is gone. */
export const lost = 'Connection lost: Dr Bell may still be waiting'

/** A call that rings on somebody's device. */
export async function ringing() {
  const callee = await reachablePerson()
  const clinic = await openCallClient(callee.server)
  const { id } = await clinic.call(callee.person.username)
  const shown = await callee.device.callWindow()
  await shown.answer.waitFor()
  await expect.poll(() => callee.device.toolbar.light()).toBe('ringing')
  return { ...callee, clinic, id, shown }
}
