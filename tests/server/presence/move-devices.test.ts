import { test } from 'vitest'
import { moveDevices } from '../../../server/presence/move-devices.ts'

/** Devices that note when they were told to move. */
function devices(many: number) {
  const told: { device: number; at: number }[] = []
  const began = performance.now()
  const all = Array.from({ length: many }, (_, device) => ({
    send: () => void told.push({ device, at: performance.now() - began }),
  }))
  return { all, told, began }
}

const noDevice = { send: () => {} }

test.concurrent('R6.1 so many devices are told to move in a second, however many there are and however long it may take', async ({
  expect,
}) => {
  const { all, told } = devices(10_000)
  const endpoint = { connections: all.length }
  // Each is gone by the next look.
  const welcomed = () => all.slice(told.length)
  const moving = moveDevices({ welcomed, endpoint, within: 120_000 })
  await expect.poll(() => told.at(-1)?.at, { timeout: 20_000 }).toBeGreaterThan(2_000)
  endpoint.connections = 0
  await moving
  const last = told.at(-1)?.at ?? 0
  expect(told.length).toBeGreaterThan(300)
  expect(told.length).toBeLessThan(40 + (last * 310) / 1_000)
  // Each once.
  expect(new Set(told.map(({ device }) => device)).size).toBe(told.length)
})

test.concurrent('R6.1 where the others are slow to take devices, sixty are on their way at once', async ({
  expect,
}) => {
  const { all, told, began } = devices(10_000)
  const endpoint = { connections: all.length }
  const takes = 1_000
  const isHere = new Set<{ send(): void }>(all)
  let mostAtOnce = 0
  const welcomed = () => {
    const now = performance.now()
    for (const { device, at } of told) if (began + at + takes <= now) isHere.delete(all[device] ?? noDevice)
    mostAtOnce = Math.max(mostAtOnce, told.length - (all.length - isHere.size))
    return [...isHere]
  }
  const moving = moveDevices({ welcomed, endpoint, within: 20_000_000 })
  await expect.poll(() => told.length, { timeout: 20_000 }).toBeGreaterThan(200)
  endpoint.connections = 0
  await moving
  expect(told.at(-1)?.at).toBeGreaterThan(3_000)
  expect(mostAtOnce).toBeLessThanOrEqual(62)
})

test.concurrent('R6.1 where time is short all are told within half of it, and whoever comes later too', async ({
  expect,
}) => {
  const { all, told } = devices(5_000)
  const here = all.slice(0, 4_999)
  const moving = moveDevices({ welcomed: () => here, endpoint: { connections: 1 }, within: 2_000 })
  await expect.poll(() => told.length).toBe(4_999)
  here.push(...all.slice(4_999))
  await moving
  expect(told.map(({ device }) => device)).toEqual(Array.from(all.keys()))
  expect(told.at(-1)?.at).toBeLessThan(1_700)
})

test.concurrent('R6.1 nobody is told any more once all are gone, or need not move', async ({ expect }) => {
  const { all, told } = devices(5_000)
  let isWanted = true
  const began = performance.now()
  const moving = moveDevices({
    ...{ welcomed: () => all, endpoint: { connections: 1 }, within: 60_000 },
    isWanted: () => isWanted,
  })
  await expect.poll(() => told.length).toBeGreaterThan(50)
  isWanted = false
  await moving
  expect(told.length).toBeLessThan(500)
  await moveDevices({ welcomed: () => all, endpoint: { connections: 0 }, within: 60_000 })
  expect(performance.now() - began).toBeLessThan(3_000)
})
