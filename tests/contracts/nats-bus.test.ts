import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allReplies } from '../../server/bus/bus.ts'
import { createNats, type NatsProcess } from '../support/nodes/nats.ts'
import { natsSettings, openNatsEnd } from '../support/nodes/nats-bus-end.ts'
import { busContract, untilReached } from './bus.ts'

interface Way {
  readonly start: () => Promise<NatsProcess[]>
  /** The environments of the two ends. */
  readonly ends: (
    servers: readonly NatsProcess[],
  ) => readonly [Record<string, string>, Record<string, string>]
}

const twice = (env: Record<string, string>) => [env, env] as const
const of = (servers: readonly NatsProcess[], place: number) => {
  const server = servers[place]
  if (!server) throw new Error('so many servers were not started')
  return server
}

const ways: Record<string, Way> = {
  'one server': {
    start: async () => [await createNats()],
    ends: (servers) => twice(natsSettings(of(servers, 0))),
  },
  'a server with TLS and a password': {
    start: async () => [await createNats({ tls: true, user: { name: 'node', password: 'hush' } })],
    ends: (servers) => twice({ ...natsSettings(of(servers, 0)), NATS_CA_FILE: of(servers, 0).caFile }),
  },
  'a server with a token': {
    start: async () => [await createNats({ token: 't0ken' })],
    ends: (servers) => twice(natsSettings(of(servers, 0))),
  },
  'a server with a file of credentials': {
    start: async () => [await createNats({ credentials: true })],
    ends: (servers) => twice({ ...natsSettings(of(servers, 0)), NATS_CREDS_FILE: of(servers, 0).credsFile }),
  },
  'two servers of a cluster': {
    start: async () => {
      const one = await createNats()
      return [one, await createNats({ cluster: one })]
    },
    ends: (servers) => [natsSettings(of(servers, 0)), natsSettings(of(servers, 1))],
  },
}

describe.each(Object.entries(ways))('by %s', (_, { start, ends }) => {
  let servers: NatsProcess[] = []
  beforeAll(async () => {
    servers = await start()
  }, 30_000)
  afterAll(() => Promise.all(servers.map((server) => server.remove())))

  busContract(
    async () => {
      const [near, far] = ends(servers)
      return [await openNatsEnd(near), await openNatsEnd(far)]
    },
    () => openNatsEnd(ends(servers)[1]),
  )
})

describe('by NATS', () => {
  let server: NatsProcess
  beforeAll(async () => {
    server = await createNats()
  }, 30_000)
  afterAll(() => server.remove())

  test('B3.1 an error of a handler is told to whoever made the bus that has it, and to nobody else', async () => {
    const faults: unknown[] = []
    const near = await openNatsEnd(natsSettings(server), {
      onError: (...fault) => faults.push(['near', ...fault]),
    })
    const far = await openNatsEnd(natsSettings(server), {
      onError: (...fault) => faults.push(['far', ...fault]),
    })
    const fault = new Error('on purpose')
    far.subscribe('person.ann', () => Promise.reject(fault))
    await untilReached(near, far)
    expect(await allReplies(near.request('person.ann', null, { within: 300 }))).toEqual([])
    expect(faults).toEqual([['far', 'person.ann', fault]])
  })

  test('B3.2 many people are subscribed to at once, and each is still asked within milliseconds', async () => {
    const far = await openNatsEnd(natsSettings(server))
    const near = await openNatsEnd(natsSettings(server))
    const began = performance.now()
    for (let n = 0; n < 20_000; n += 1) far.subscribe(`ring.${n}`, () => n)
    await untilReached(near, far)
    expect(performance.now() - began).toBeLessThan(10_000)
    const replies: unknown[] = []
    for (const n of [0, 9_999, 19_999])
      for await (const reply of near.request(`ring.${n}`, null, { within: 2_000 })) {
        replies.push(reply)
        break
      }
    expect(replies).toEqual([0, 9_999, 19_999])
  }, 30_000)
})
