import { test } from 'vitest'
import { hashPassword } from '../../server/accounts/password-hash.ts'
import { signIn, trySignIn } from '../server/support/api-client.ts'
import { keyOf } from '../server/support/dpop-proofs.ts'
import { addPeople, ann, ben } from '../server/support/people.ts'
import { connectDevice, type WebSocketDevice } from '../server/support/websocket-device.ts'
import { figuresOf } from './figure.ts'
import { startProbedServer } from './load/probed-server.ts'

const wrongOnes = 60
const rounds = 5
/** Heartbeats are counted: 30 messages in 10 s end a connection. */
const heartbeats = 12

interface At {
  readonly url: string
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const from = (address: string) => ({ 'x-forwarded-for': address })

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/**
 * Sixty wrong passwords at once, each of another name.
 *
 * @param networks of how many networks they are, which nobody came from before.
 */
async function flood(server: At, round: number, networks: number): Promise<Promise<Response>[]> {
  const devices = Array.from({ length: wrongOnes }, (_, n) => `stranger-${n}`)
  // Before the clock runs: making a key takes its time.
  await Promise.all(devices.map(keyOf))
  return devices.map((device, n) =>
    trySignIn(
      server,
      { login: `nobody-${round}-${n}`, password: `Wrong-horse-${n}`, device },
      from(`${20 + (n % networks)}.${round}.0.1`),
    ),
  )
}

async function beat(device: WebSocketDevice): Promise<number[]> {
  const times: number[] = []
  for (let n = 0; n < heartbeats; n += 1) {
    times.push(await timed(() => device.lease()))
    await pause(80)
  }
  return times
}

test('what a flood of wrong passwords does to a right one, and to heartbeats', async (context) => {
  const figures = figuresOf(context)
  const hashing: number[] = []
  for (let n = 0; n < 20; n += 1) hashing.push(await timed(() => hashPassword(ann.password)))
  figures.addSpread('a password hashed by itself', hashing, 100)

  const server = await startProbedServer({ TRUST_PROXY: '1' })
  await addPeople(server.dataDir, ann, ben)
  await signIn(server, ann, 'known')
  const before = await server.usage('collect')
  const known: number[] = []
  const unknown: number[] = []
  let told = 0
  for (let round = 0; round < rounds; round += 1) {
    const asAnn = { login: 'ann', password: ann.password, device: 'known' }
    const first = await flood(server, round, wrongOnes)
    known.push(await timed(() => trySignIn(server, asAnn, from('10.0.0.1')).then(expectOk)))
    told += (await Promise.all(first)).filter(({ status }) => status === 429).length
    const asBen = { login: ben.username, password: ben.password, device: `new-${round}` }
    const second = await flood(server, rounds + round, 6)
    unknown.push(await timed(() => trySignIn(server, asBen, from(`10.${round}.0.2`)).then(expectOk)))
    told += (await Promise.all(second)).filter(({ status }) => status === 429).length
  }
  figures.addSpread(
    `a right one at a known device, amid ${wrongOnes} wrong ones of as many networks`,
    known,
    1_000,
  )
  figures.addSpread(`a right one at a new device, amid ${wrongOnes} of six networks`, unknown, 1_000)
  const all = 2 * rounds * wrongOnes
  figures.add(`wrong ones that were told to come again, of ${all}`, told, String)

  const { token } = await signIn(server, ann, 'beating')
  const device = await connectDevice(server.url, token, 'beating')
  figures.addSpread('a heartbeat answered, nothing else being done', await beat(device), 100)
  // Those at rest count no more.
  await pause(10_000)
  const last = await flood(server, 2 * rounds, wrongOnes)
  figures.addSpread(`the same, amid ${wrongOnes} wrong passwords`, await beat(device), 500)
  const during = await server.usage('look')
  await Promise.all(last)
  figures.add(
    'memory that the floods took (resident)',
    (during.rss - before.rss) / 1e6,
    (mb) => `${mb.toFixed(0)} MB`,
    150,
  )
})

function expectOk({ status }: Response): void {
  if (status !== 200) throw new Error(`a right password was answered ${status}`)
}
