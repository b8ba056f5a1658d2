import { expect, test } from 'vitest'
import { callsOfNodes, rowOf, settle } from './calls-of-nodes.ts'

async function twoNodes() {
  const service = await callsOfNodes()
  service.knowWhoHears()
  const [one, two] = [service.start('one'), service.start('two')]
  return { service, one, two, ward: service.device(two, 'ward') }
}

/** Lets a second pass at a time, while callers wait. */
async function pass(service: Awaited<ReturnType<typeof callsOfNodes>>, seconds: number) {
  for (let second = 0; second < seconds; second += 1) {
    service.pass(1_000)
    await settle()
  }
}

test('P6.7 a call placed at a node that has lost the bus is rung by one that has it, and its caller hears that it rings', async () => {
  const { service, one, ward } = await twoNodes()
  one.bus.cut()
  const placing = service.place(one)
  await settle()
  await pass(service, 2)
  const { id } = rowOf(await placing)
  expect(rowOf(await placing)).toMatchObject({ state: 'ringing', disposition: 'ringing', owner: 'two' })
  expect(ward.rang).toEqual([id])
})

test('P6.7 what was asked by a bus that hangs, which nobody has noticed, is not told as unreachable: another rings it', async () => {
  const { service, one, ward } = await twoNodes()
  one.bus.hangs = true
  const placing = service.place(one)
  await expect
    .poll(
      async () => {
        // The nodes look at the clock.
        service.pass(1)
        await settle()
        return ward.rang.length
      },
      { timeout: 10_000, interval: 100 },
    )
    .toBe(1)
  const placed = rowOf(await placing)
  expect(['ringing', 'placed']).toContain(placed.state)
  await expect
    .poll(() => service.row(placed.id))
    .toMatchObject({
      ...{ state: 'ringing', disposition: 'ringing', devices: 1, owner: 'two' },
    })
})

test('P6.7 what a node drives that loses the bus for 2 s is driven by one that has it', async () => {
  const { service, one, ward } = await twoNodes()
  const { id } = rowOf(await service.place(one))
  one.bus.cut()
  await pass(service, 4)
  await expect.poll(() => service.row(id)).toMatchObject({ state: 'ringing', devices: 1, owner: 'two' })
  expect(ward.rang).toEqual([id, id])
  one.bus.mend()
  await pass(service, 2)
  expect(await one.calls.get(id)).toMatchObject({ state: 'ringing', devices: 1, owner: 'two' })
})

test('P6.7 where no node has the bus a call stays where it was placed, and is told as unreachable: nobody holds a lease', async () => {
  const { service, one, two } = await twoNodes()
  one.bus.cut()
  two.bus.cut()
  expect(rowOf(await service.place(one))).toMatchObject({ disposition: 'unreachable', owner: 'one' })
})
