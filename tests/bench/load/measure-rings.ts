import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { openLoadDevice } from './load-device.ts'
import type { SignedInPerson } from './signed-in-people.ts'

/** Called in turn, so that no connection exceeds the rate limit of frames. */
export const mostCallees = 100

/** Milliseconds from before `POST /api/calls` is sent. */
export interface RingTimes {
  /** To the `ring` frame at the called device. */
  readonly toRing: number
  /** To the whole answer of the request. */
  readonly toAnswer: number
}

export interface Callee {
  readonly to: string
  /** The moment at which the call from this name rings. */
  readonly ringOf: (from: string) => Promise<number>
}

/** A device of the person that is rung; each call to it is declined as soon as it has rung. It ends with the test. */
export async function openCallee(url: string, person: SignedInPerson): Promise<Callee> {
  const awaited = new Map<string, (at: number) => void>()
  const device = await openLoadDevice(url, person, {
    onMessage(message) {
      if (message.type !== 'ring') return
      const { id, from } = message.call
      awaited.get(from)?.(performance.now())
      awaited.delete(from)
      device.send({ type: 'rings', call: id })
      device.send({ type: 'decline', call: id })
    },
  })
  onTestFinished(device.close)
  return {
    to: person.username,
    ringOf: (from) => new Promise((resolve) => awaited.set(from, resolve)),
  }
}

/** A program that places calls at one address, over connections that it keeps. */
export function openLoadCaller(url: string, key: string) {
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return async (to: string, from: string): Promise<void> => {
    const [status, body] = await new Promise<[number | undefined, string]>((resolve, reject) => {
      const posted = request(`${url}/api/calls`, { method: 'POST', agent, headers }, async (response) => {
        resolve([response.statusCode, await text(response)])
      })
      posted.on('error', reject).end(JSON.stringify({ to, from }))
    })
    if (status !== 201) throw new Error(`POST /api/calls was answered ${status}: ${body}`)
  }
}

export interface RingLoad {
  /** They place calls in turn. */
  readonly callers: readonly ((to: string, from: string) => Promise<void>)[]
  readonly callees: readonly Callee[]
  readonly calls: number
  readonly perSecond: number
}

/** A call that takes longer, in ms, is an error. */
const longest = 30_000

let placed = 0

/** Places calls at a steady rate, however long each takes. @returns the times of each, in the order of placing. */
export async function measureRings({ callers, callees, calls, perSecond }: RingLoad): Promise<RingTimes[]> {
  const began = performance.now()
  const times: Promise<RingTimes>[] = []
  for (let n = 0; n < calls; n += 1) {
    // At no fixed beat, so that calls meet every phase of what the server does at fixed ones.
    const due = began + ((n + Math.random()) * 1_000) / perSecond
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
    const [call, callee] = [callers[n % callers.length], callees[n % callees.length]]
    if (call && callee) times.push(timesOf(call, callee))
  }
  return Promise.all(times)
}

async function timesOf(call: RingLoad['callers'][number], callee: Callee): Promise<RingTimes> {
  placed += 1
  const from = `Caller ${placed}`
  const rung = callee.ringOf(from)
  const posted = performance.now()
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${from} did not ring within ${longest} ms.`)), longest)
  })
  const answered = call(callee.to, from).then(() => performance.now() - posted)
  try {
    const [ring, toAnswer] = await Promise.race([Promise.all([rung, answered]), tooLate])
    return { toRing: ring - posted, toAnswer }
  } finally {
    clearTimeout(timer)
  }
}
