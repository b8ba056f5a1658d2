import { expect, inject, test } from 'vitest'
import { watchLight } from '../../scripts/soak/watch-light.ts'
import { wayOf } from '../../scripts/soak/way.ts'
import { addPerson } from '../support/server/add-person.ts'
import { openClinic } from '../support/server/clinic.ts'
import { startBehindProxy } from '../support/server/start-behind-proxy.ts'
import { unattendedLight } from '../support/unattended-light.ts'

const minutes = 60_000

test('E11.1 with no page open and no debugger attached, background and connection are the same after three minutes, and the badge is green and true all the while', {
  timeout: 4 * minutes,
}, async () => {
  const parts = await startBehindProxy()
  const person = await addPerson(parts.server)
  const clinic = await openClinic(parts.server)
  const light = await unattendedLight(inject('browser'), parts, person)
  const before = parts.network.lines().opened

  const seen = await watchLight(
    { light, way: wayOf(parts), clinic, callee: person.username },
    { lasting: 3 * minutes, callEvery: 1.4 * minutes },
  )

  expect(seen.broken).toEqual([])
  expect(seen).toMatchObject({ placed: 2, acknowledged: 2 })
  expect(seen.boots.size).toBe(1)
  expect(parts.network.lines()).toEqual({ opened: before, open: 1 })
})
