import { test } from 'vitest'
import { reachablePerson } from '../support/reachable-person.ts'
import { type StallProxy, startStallProxy } from '../support/stall-proxy.ts'
import { figuresOf } from './figure.ts'
import { converseVersion, fetchConverse } from './peers/fetch-converse.ts'
import { openConverse } from './peers/open-converse.ts'
import { prosodyVersion, startProsody } from './peers/start-prosody.ts'

/** Milliseconds: no status is waited for any longer. */
const longest = 180_000
const lookEvery = 100

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Someone signed in with some program, and the faults that can be made on the way to them. */
interface Contestant {
  readonly name: string
  readonly saysOnline: () => Promise<boolean>
  readonly setOffline: (is: boolean) => Promise<void>
  readonly server: {
    readonly freeze: () => void
    readonly thaw: () => void
    readonly kill: () => Promise<void>
    readonly restart: () => Promise<void>
  }
  readonly network: Pick<StallProxy, 'stall' | 'unplug' | 'restore'>
}

async function ours(): Promise<Contestant> {
  const { device, server, network } = await reachablePerson()
  const saysOnline = async () => (await device.toolbar.light()).includes('green')
  return { name: 'Reachable', saysOnline, setOffline: device.setOffline, server, network }
}

/** @throws where it cannot be had. */
async function theirs(): Promise<Contestant> {
  const version = prosodyVersion()
  if (version === undefined) throw new Error('Prosody is not installed (Debian: apt-get install prosody).')
  const dist = fetchConverse()
  const network = await startStallProxy()
  const server = await startProsody()
  network.forwardTo(server.url)
  const { saysOnline, setOffline } = await openConverse(dist, network.url)
  return {
    name: `Converse.js ${converseVersion} on Prosody ${version}`,
    saysOnline,
    setOffline,
    server,
    network,
  }
}

/** The same for everybody: nothing and nobody gets through from the moment of the fault. */
const faults = {
  'server hung (SIGSTOP)': {
    breaks: ({ server }: Contestant) => server.freeze(),
    mends: ({ server }: Contestant) => server.thaw(),
  },
  'server killed': {
    breaks: ({ server }: Contestant) => server.kill(),
    mends: ({ server }: Contestant) => server.restart(),
  },
  'packets dropped': {
    breaks: ({ network }: Contestant) => network.stall(),
    mends: ({ network }: Contestant) => network.restore(),
  },
  'the browser says offline': {
    breaks: async ({ network, setOffline }: Contestant) => {
      network.unplug()
      await setOffline(true)
    },
    mends: async ({ network, setOffline }: Contestant) => {
      await setOffline(false)
      network.restore()
    },
  },
}

async function until(on: boolean, { saysOnline }: Contestant): Promise<number> {
  const began = performance.now()
  while ((await saysOnline()) !== on && performance.now() - began < longest) await pause(lookEvery)
  return performance.now() - began
}

const written = (ms: number) => `${ms >= longest ? '> ' : ''}${(ms / 1_000).toFixed(1)} s`

/** Milliseconds that it says "online" after the fault, and that it takes to say so again after the mending. */
async function measure(contestant: Contestant, { breaks, mends }: (typeof faults)[keyof typeof faults]) {
  await until(true, contestant)
  const began = performance.now()
  const breaking = breaks(contestant)
  await until(false, contestant)
  const green = performance.now() - began
  await breaking
  await mends(contestant)
  return { green, back: await until(true, contestant) }
}

test('how long a status outlives the truth, here and elsewhere', { timeout: 3_000_000 }, async (context) => {
  const figures = figuresOf(context)
  const contestants = [await ours()]
  try {
    contestants.push(await theirs())
  } catch (fault) {
    figures.addText(
      'Converse.js on Prosody',
      `not measured: ${fault instanceof Error ? fault.message : fault}`,
    )
  }
  for (const [name, fault] of Object.entries(faults)) {
    const measured = await Promise.all(
      contestants.map(async (contestant) => ({ by: contestant.name, ...(await measure(contestant, fault)) })),
    )
    for (const { by, green, back } of measured) {
      figures.addText(`${name}: ${by} still says online for`, written(green))
      figures.addText(`${name}: ${by} says online again after`, written(back))
    }
  }
})
