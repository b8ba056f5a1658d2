import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { onTestFinished, test } from 'vitest'
import { createApiKey } from '../../server/accounts/api-keys.ts'
import { startServer } from '../support/server/start-server.ts'
import { figuresOf, milliseconds, quantile } from './figure.ts'
import { launchFleet } from './load/launch-fleet.ts'
import { openLoadDevice } from './load/load-device.ts'
import { production } from './load/probed-server.ts'
import { addSignedInPeople, type SignedInPerson, withDatabase } from './load/signed-in-people.ts'

const others = 1_000
/** Called in turn, so that no connection exceeds the rate limit of frames. */
const callees = 100
const rounds = 10
/** Milliseconds, at random up to here, between one call and the next: calls meet every phase of the heartbeats. */
const pause = 20

interface Times {
  readonly toRing: number
  readonly toAnswer: number
}

/** A device of the person that is rung; each call to it is declined as soon as it has rung. */
async function openCallee(url: string, person: SignedInPerson) {
  let rung = (_: number) => {}
  let over = () => {}
  const device = await openLoadDevice(url, person, {
    onMessage: (message) => {
      if (message.type === 'ring') {
        rung(performance.now())
        device.send({ type: 'rings', call: message.call.id })
        device.send({ type: 'decline', call: message.call.id })
      } else if (message.type === 'over') over()
    },
  })
  onTestFinished(device.close)
  return {
    to: person.username,
    nextRing: () => new Promise<number>((resolve) => (rung = resolve)),
    nextOver: () => new Promise<void>((resolve) => (over = resolve)),
  }
}

function openCaller(url: string, key: string) {
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return async (to: string): Promise<void> => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const posted = request(`${url}/api/calls`, { method: 'POST', agent, headers }, async (response) => {
        await text(response)
        resolve(response.statusCode)
      })
      posted.on('error', reject).end(JSON.stringify({ to, from: 'Dr Bell' }))
    })
    if (status !== 201) throw new Error(`POST /api/calls was answered ${status}`)
  }
}

test(`a call among ${others} connected devices`, async (context) => {
  const figures = figuresOf(context)
  // More in a minute than one key may place by default.
  const server = await startServer({ ...production, CALLS_PER_MINUTE: '60000' })
  const people = await addSignedInPeople(server.dataDir, others + callees)
  const key = await withDatabase(server.dataDir, (db) => createApiKey(db, 'bench', Date.now()))
  await launchFleet(server.url, people.slice(callees))
  const called = await Promise.all(people.slice(0, callees).map((person) => openCallee(server.url, person)))
  const call = openCaller(server.url, key ?? '')

  const times: Times[] = []
  for (const callee of Array.from({ length: rounds }, () => called).flat()) {
    const [ring, over] = [callee.nextRing(), callee.nextOver()]
    const posted = performance.now()
    const answered = call(callee.to).then(() => performance.now() - posted)
    times.push({ toRing: (await ring) - posted, toAnswer: await answered })
    await over
    await new Promise((resolve) => setTimeout(resolve, Math.random() * pause))
  }
  // The first calls meet code that has never run.
  const counted = times.slice(callees)
  const toRing = counted.map((time) => time.toRing)
  const toAnswer = counted.map((time) => time.toAnswer)
  const of = `of ${counted.length} calls`
  figures.add(`POST /api/calls to ring at the device, p50 ${of}`, quantile(toRing, 0.5), milliseconds, 5)
  figures.add(`POST /api/calls to ring at the device, p99 ${of}`, quantile(toRing, 0.99), milliseconds, 25)
  figures.add(`the first call of a fresh server, to ring`, times[0]?.toRing ?? Number.NaN, milliseconds)
  figures.add(`POST /api/calls to its answer, p50`, quantile(toAnswer, 0.5), milliseconds)
})
