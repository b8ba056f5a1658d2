import { expect, onTestFinished, test } from 'vitest'
import { openDevice } from '../support/open-device.ts'
import type { Noted, PeoplePage } from '../support/pages/people.ts'
import { processesOf, signal } from '../support/processes-of.ts'
import { addPerson, ann as annAble } from '../support/server/add-person.ts'
import { startServerBehindProxy } from '../support/server/start-server-behind-proxy.ts'
import { openSignedInDevice, signIn } from '../support/sign-in.ts'
import { befriend, benSample, openPeople } from '../support/two-people.ts'

const cidDoe = { username: 'cid', email: 'cid@clinic.example', name: 'Cid Doe' }

/** What is shown of whom a call would reach. */
const colours = ['available', 'away', 'busy', 'in-call']

/** How long after `since` (ms since 1970) somebody was shown in no colour any more, in ms. */
async function colourAfter(people: PeoplePage, { name }: { readonly name: string }, since: number) {
  const end = async (): Promise<Noted | undefined> =>
    (await people.noted(name)).find(({ at, shown }) => at >= since && !colours.includes(shown))
  await expect.poll(async () => (await end())?.shown, { timeout: 40_000 }).toBeDefined()
  return ((await end())?.at ?? Number.POSITIVE_INFINITY) - since
}

test('E23.4 PW1.2 PW1.5 a contact leaves the colours in time, whoever dies and however: they, the watcher, or both', async () => {
  const { server, network } = await startServerBehindProxy()
  const [ann, ben, cid] = await Promise.all([annAble, benSample, cidDoe].map((one) => addPerson(server, one)))
  if (!ann || !ben || !cid) throw new Error('Nobody was added')
  await befriend(server, [ann, ben, cid])
  // Ann alone goes through the network that is to fail.
  const annDevice = await openDevice()
  const [benDevice, cidDevice] = await Promise.all([
    openSignedInDevice(server, ben),
    openSignedInDevice(server, cid),
    signIn(annDevice, server, ann, { address: network.url }),
  ])
  const cidsProcesses = () => processesOf(cidDevice.profile)
  onTestFinished(() => signal(cidsProcesses(), 'SIGCONT'))
  const people = await openPeople(annDevice, ben)
  await expect.poll(() => people.shape(cid.name)).toBe('available')
  await people.note()

  const closed = Date.now()
  signal(processesOf(benDevice.profile), 'SIGKILL')
  expect(await colourAfter(people, ben, closed)).toBeLessThan(1_000)

  const frozen = Date.now()
  signal(cidsProcesses(), 'SIGSTOP')
  const [ended] = await Promise.all([
    colourAfter(people, cid, frozen),
    openSignedInDevice(server, ben),
    expect.poll(() => people.shape(ben.name), { timeout: 40_000 }).toBe('available'),
  ])
  expect(ended).toBeLessThan(16_000)

  signal(cidsProcesses(), 'SIGCONT')
  await expect.poll(() => people.shape(cid.name), { timeout: 40_000 }).toBe('available')

  const frozenAgain = Date.now()
  const leasedBefore = performance.now()
  signal(cidsProcesses(), 'SIGSTOP')
  // So late that the server is about to notice: the longest that both can take one after the other.
  await expect
    .poll(() => (network.leasedAt() ?? 0) - leasedBefore, { timeout: 30_000 })
    .toBeGreaterThan(9_000)
  const stalled = Date.now()
  network.stall()
  const [bens, cids] = await Promise.all([
    colourAfter(people, ben, stalled),
    colourAfter(people, cid, frozenAgain),
  ])
  expect(bens).toBeLessThan(14_000)
  expect(cids).toBeLessThan(30_000)
  await expect.poll(() => people.words(ben.name)).toBe('Not known now')

  network.restore()
  signal(cidsProcesses(), 'SIGCONT')
  for (const { name } of [ben, cid])
    await expect.poll(() => people.shape(name), { timeout: 45_000 }).toBe('available')
})
