import { test } from 'vitest'
import { defaultTiming } from '../../protocol/timing.ts'
import { findAccount } from '../../server/accounts/find-account.ts'
import { deleteSessionsOf } from '../../server/accounts/session-rows.ts'
import { recheckNow } from '../../server/cli/running-server.ts'
import { openDataDirectory } from '../../server/data-directory.ts'
import type { Device } from '../support/device.ts'
import { type ReachablePerson, reachablePerson } from '../support/reachable-person.ts'
import { figuresOf } from './figure.ts'
import { withDatabase } from './load/signed-in-people.ts'

const atOnce = 1_000
const silent = 15_000
const alarmFloor = 31_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function until(device: Device, on: boolean, lookEvery: number): Promise<void> {
  const deadline = performance.now() + 60_000
  while ((await device.toolbar.light()).includes('green') !== on) {
    if (performance.now() > deadline)
      throw new Error(`The badge did not ${on ? 'turn' : 'stop being'} green in 60 s.`)
    await pause(lookEvery)
  }
}

/** Milliseconds from the fault to the first look at the badge that does not find it green. */
async function falseGreen(device: Device, fault: () => unknown, lookEvery: number): Promise<number> {
  const began = performance.now()
  const done = fault()
  await until(device, false, lookEvery)
  const took = performance.now() - began
  await done
  return took
}

interface Repeated {
  readonly runs: number
  readonly fault: () => unknown
  readonly mend: () => unknown
  /** Milliseconds. */
  readonly lookEvery: number
  /** The runs begin this far apart from the heartbeat that turned the badge green again: milliseconds. */
  readonly apart: number
}

async function repeat(device: Device, { runs, fault, mend, lookEvery, apart }: Repeated): Promise<number[]> {
  const times: number[] = []
  for (let run = 0; run < runs; run += 1) {
    await pause(run * apart)
    times.push(await falseGreen(device, fault, lookEvery))
    await mend()
    await until(device, true, 50)
  }
  return times
}

/** Does what `npm run account -- revoke` does, without the start of a process. */
async function revoke({ server, person }: ReachablePerson): Promise<void> {
  const userId = await withDatabase(server.dataDir, async (db) => {
    const id = (await findAccount(db, person.username))?.id ?? ''
    await deleteSessionsOf(db, id)
    return id
  })
  await recheckNow(openDataDirectory(server.dataDir).operator, userId)
}

async function logInAgain({ device, person }: ReachablePerson): Promise<void> {
  const popup = await device.openPopup()
  await popup.logIn(person)
  await popup.page.close()
}

/** The worker, and then the server, so that no new worker can rightly be green again. */
async function killWorkerAndServer({ device, server }: ReachablePerson): Promise<void> {
  await device.toolbar.killWorker()
  await server.kill()
}

test('faults that show at once', async (context) => {
  const figures = figuresOf(context)
  const one = await reachablePerson()
  const { server, device } = one
  const often = { runs: 5, lookEvery: 5, apart: 130 }
  const add = async (what: string, fault: () => unknown, mend: () => unknown) =>
    figures.addSpread(`false green: ${what}`, await repeat(device, { ...often, fault, mend }), atOnce)
  const offline = (is: boolean) => () => one.setOffline(is)
  const logIn = () => logInAgain(one)
  await add('session revoked', () => revoke(one), logIn)
  await add('the browser says offline', offline(true), offline(false))
  await add('server killed', server.kill, server.restart)
})

test('faults that are silent', async (context) => {
  const figures = figuresOf(context)
  const [hung, dropped, dead] = await Promise.all([reachablePerson(), reachablePerson(), reachablePerson()])
  // Evenly over the time between two heartbeats.
  const overHeartbeat = { runs: 4, lookEvery: 20, apart: defaultTiming.heartbeatEvery / 4 }
  const [ofHung, ofDropped, ofDead] = await Promise.all([
    repeat(hung.device, { ...overHeartbeat, fault: hung.server.freeze, mend: hung.server.thaw }),
    repeat(dropped.device, { ...overHeartbeat, fault: dropped.network.stall, mend: dropped.network.restore }),
    // The alarm has only just gone off when the badge is green again: the worst moment.
    repeat(dead.device, {
      ...{ runs: 3, lookEvery: 20, apart: 0 },
      fault: () => killWorkerAndServer(dead),
      mend: dead.server.restart,
    }),
  ])
  figures.addSpread('false green: server hung (SIGSTOP)', ofHung, silent)
  figures.addSpread('false green: packets dropped', ofDropped, silent)
  figures.addSpread('false green: worker killed', ofDead, alarmFloor)
})
