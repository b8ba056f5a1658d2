import { test } from 'vitest'
import { type ChromiumDevice, openChromiumDevice } from '../support/chromium/open-chromium-device.ts'
import { addPerson } from '../support/server/add-person.ts'
import { startServer } from '../support/server/start-server.ts'
import { signIn } from '../support/sign-in.ts'
import { figuresOf, ofOneCore } from './figure.ts'

const restFor = 20_000
/** What a browser does on its own account after its start has calmed down by then. */
const settled = 8_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

interface Process {
  readonly id: number
  readonly type: string
  /** Seconds. */
  readonly cpuTime: number
}

/** Seconds of processor time that each process of the browser has used, by process id. */
async function processorTime(device: ChromiumDevice): Promise<Map<number, Process>> {
  const browser = device.context.browser()
  if (!browser) throw new Error('The browser cannot be asked for its processes.')
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return new Map(processInfo.map((one) => [one.id, one]))
}

/** Shares of a core that the browser's processes use while nobody touches anything. */
async function atRest(device: ChromiumDevice) {
  const before = await processorTime(device)
  const began = performance.now()
  await pause(restFor)
  const after = await processorTime(device)
  const seconds = (performance.now() - began) / 1_000
  const spent = [...after.values()].map(({ id, type, cpuTime }) => ({
    type,
    share: (cpuTime - (before.get(id)?.cpuTime ?? 0)) / seconds,
  }))
  const sum = (of: typeof spent) => of.reduce((total, { share }) => total + share, 0)
  return { all: sum(spent), renderers: sum(spent.filter(({ type }) => type === 'renderer')) }
}

test('what the extension costs the processor at rest', async (context) => {
  const figures = figuresOf(context)
  const server = await startServer()
  const person = await addPerson(server)
  const device = await openChromiumDevice()
  await signIn(device, server, person)
  await pause(settled)
  const signedIn = await atRest(device)
  await device.toolbar.choose('log-out')
  await pause(settled)
  const signedOut = await atRest(device)
  figures.add('extension process, signed in and reachable', signedIn.renderers, ofOneCore)
  figures.add('extension process, signed out', signedOut.renderers, ofOneCore)
  figures.add('the whole browser, signed in', signedIn.all, ofOneCore)
  figures.add('the whole browser, signed out', signedOut.all, ofOneCore)
})
