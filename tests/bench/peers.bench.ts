import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished, test } from 'vitest'
import { defaultTiming } from '../../protocol/timing.ts'
import { inRoot } from '../../scripts/root.ts'
import { serverFlags } from '../../scripts/start/server-flags.ts'
import { readOperatorFile } from '../../server/operator-file.ts'
import { startServer } from '../support/server/start-server.ts'
import { figuresOf, kilobytes, ofOneCore } from './figure.ts'
import { devicesEach, launchFleet } from './load/launch-fleet.ts'
import { type LoadProcess, launchProcess } from './load/launch-process.ts'
import { production } from './load/probed-server.ts'
import { shareOfCore, usageOf } from './load/process-usage.ts'
import { addSignedInPeople } from './load/signed-in-people.ts'
import { benchSizes } from './options.ts'
import type { PingRequest } from './peers/ping-process.ts'
import { ejabberdVersion, startEjabberd } from './peers/start-ejabberd.ts'
import { prosodyVersion, startProsody } from './peers/start-prosody.ts'

const { devices } = benchSizes()
/** Processor time is counted for so long, in ms: one and a half times as long as the time between heartbeats. */
const watched = 15_000
const every = defaultTiming.heartbeatEvery

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const sum = (numbers: readonly unknown[]) =>
  numbers.reduce((total: number, number) => total + Number(number), 0)

/** A server that answers signs of life, and its clients, which all send one as often. */
interface Contestant {
  readonly name: string
  readonly command: string
  readonly pid: number
  /** Connects so many more. */
  readonly connect: (count: number) => Promise<void>
  /** How many signs of life were answered so far. */
  readonly answered: () => Promise<number>
}

async function reachable(): Promise<Contestant> {
  const server = await startServer(production)
  const people = [...(await addSignedInPeople(server.dataDir, devices))]
  const fleets: Awaited<ReturnType<typeof launchFleet>>[] = []
  return {
    name: 'Reachable',
    command: `NODE_ENV=production node ${serverFlags.join(' ')} server/main.ts`,
    pid: readOperatorFile(join(server.dataDir, 'operator.json'))?.pid ?? 0,
    connect: async (count) => void fleets.push(await launchFleet(server.url, people.splice(0, count))),
    answered: async () => sum(await Promise.all(fleets.map((fleet) => fleet.leases()))),
  }
}

/** Those who only ping. */
function pingers(speaks: PingRequest['speaks'], port: number): Pick<Contestant, 'connect' | 'answered'> {
  const processes: LoadProcess[] = []
  let connected = 0
  return {
    async connect(count) {
      const shares: Promise<unknown>[] = []
      for (let n = 0; n < count; n += devicesEach) {
        const some = launchProcess('peers', 'ping-process.ts')
        const share = Math.min(devicesEach, count - n)
        const request: PingRequest = { speaks, port, from: connected + n, count: share, every }
        processes.push(some)
        shares.push(some.ask(request))
      }
      await Promise.all(shares)
      connected += count
    },
    answered: async () => sum(await Promise.all(processes.map((one) => one.ask('pongs')))),
  }
}

async function prosody(): Promise<Contestant> {
  const version = prosodyVersion()
  if (version === undefined) throw new Error('it is not installed (Debian: apt-get install prosody).')
  const { xmpp } = await startProsody(devices)
  return { name: `Prosody ${version}`, ...xmpp, ...pingers('xmpp', xmpp.port) }
}

async function ejabberd(): Promise<Contestant> {
  const version = ejabberdVersion()
  if (version === undefined) throw new Error('it is not installed (Debian: apt-get install ejabberd).')
  const server = await startEjabberd()
  return { name: `ejabberd ${version}`, ...server, ...pingers('xmpp', server.port) }
}

/** Less than this no server on Node can take. */
async function echo(): Promise<Contestant> {
  const child = spawn(process.execPath, [inRoot('tests', 'bench', 'peers', 'echo-process.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [port] = await once(createInterface({ input: child.stdout }), 'line')
  return {
    name: 'a plain echo',
    command: 'node tests/bench/peers/echo-process.ts',
    pid: child.pid ?? 0,
    ...pingers('websocket', Number(port)),
  }
}

/** Reachable after Prosody, below which it is to be. */
const contestants = { Prosody: prosody, ejabberd, 'a plain echo': echo, Reachable: reachable }

/** A few, half and all of the devices. */
const steps = [Math.floor(devices / 10), Math.floor(devices / 2), devices]

interface Measured {
  readonly devices: number
  readonly share: number
  readonly perSecond: number
}

let ofProsody: number | undefined

for (const [name, start] of Object.entries(contestants))
  test(`signs of life answered by ${name}`, { timeout: 1_200_000 }, async (context) => {
    const figures = figuresOf(context)
    const contestant = await start().catch((fault: Error) =>
      figures.addText(name, `not measured: ${fault.message}`),
    )
    if (!contestant) return
    const { pid, command, connect, answered } = contestant
    figures.addText(`${contestant.name} is started by`, command)
    // What the first connections cost once and for all (code, buffers) is no part of what each one costs.
    let withSome = 0
    const rows: Measured[] = []
    for (const step of steps) {
      await connect(step - (rows.at(-1)?.devices ?? 0))
      // Heartbeats come every 10 s, each device's from a moment of its own on.
      await pause(every + 1_000)
      const since = await answered()
      const share = await shareOfCore(() => usageOf([pid]).cpu, watched)
      const perSecond = ((await answered()) - since) / (watched / 1_000)
      rows.push({ devices: step, share, perSecond })
      withSome ||= usageOf([pid]).memory
    }
    const last = rows.at(-1)
    if (name === 'Prosody') ofProsody = last?.share
    const most = name === 'Reachable' ? ofProsody : undefined
    figures.add(
      `processor of ${contestant.name}, ${devices} devices`,
      last?.share ?? Number.NaN,
      ofOneCore,
      most,
    )
    figures.addText('— signs of life answered', `${last?.perSecond.toFixed(0)} a second`)
    figures.add(
      '— memory of each',
      (usageOf([pid]).memory - withSome) / (devices - (steps[0] ?? 0)),
      kilobytes,
    )
    figures.keep('processor', { [contestant.name]: rows.map((row) => ({ ...row })) })
  })
