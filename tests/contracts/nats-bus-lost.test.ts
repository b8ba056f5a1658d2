import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { inRoot } from '../../scripts/root.ts'
import { allReplies, type Bus, BusLost } from '../../server/bus/bus.ts'
import { startNats } from '../support/nodes/nats.ts'
import { natsSettings, openNatsEnd } from '../support/nodes/nats-bus-end.ts'
import { startTcpProxy } from '../support/nodes/tcp-proxy.ts'
import { hearOn, untilReached } from './bus.ts'

/** A loss is felt within this, and a server that is there again within that, ms. */
const feltWithin = 5_000
const backWithin = 10_000

/** What a bus says of its connection, from now on. */
function watch(bus: Bus) {
  const told: boolean[] = []
  bus.onConnection((isConnected) => {
    expect(bus.isConnected).toBe(isConnected)
    told.push(isConnected)
  })
  return told
}

const isLost = async (bus: Bus, within = 60_000) =>
  expect(allReplies(bus.request('person.nobody', null, { within }))).rejects.toBeInstanceOf(BusLost)

/** A TCP server that accepts, and says nothing more than `greeting`. */
async function startSilent(greeting = '') {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.write(greeting)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a socket without a port')
  return { url: `nats://127.0.0.1:${address.port}`, open: () => sockets.size }
}

/** A way to a port that takes only so many bytes a second from whoever comes by it. */
async function startSlowWay(port: number) {
  const sockets = new Set<Socket>()
  let bytesPerSecond = Number.POSITIVE_INFINITY
  const server = createServer((client) => {
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        for (const each of [client, upstream]) each.destroy()
        sockets.delete(socket)
      })
    }
    upstream.pipe(client)
    client.on('data', (chunk) => {
      upstream.write(chunk)
      client.pause()
      setTimeout(() => client.resume(), (chunk.length / bytesPerSecond) * 1_000)
    })
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a socket without a port')
  return {
    url: `nats://127.0.0.1:${address.port}`,
    slow(bytes: number) {
      bytesPerSecond = bytes
    },
    drop() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

describe('a NATS that is lost', { timeout: 60_000 }, () => {
  test('B3.3 killed: it is felt at once, requests under way end, and nothing said meanwhile is heard later', async () => {
    const nats = await startNats()
    const near = await openNatsEnd(natsSettings(nats))
    const far = await openNatsEnd(natsSettings(nats))
    const told = watch(near)
    const { heard } = hearOn(far, 'call.1')
    far.subscribe('person.ann', () => new Promise(() => {}))
    await untilReached(near, far)
    const waiting = allReplies(near.request('person.ann', null, { within: 60_000 })).catch((error) => error)
    nats.kill('SIGKILL')
    await expect.poll(() => [near.isConnected, far.isConnected], { timeout: 1_000 }).toEqual([false, false])
    expect(await waiting).toBeInstanceOf(BusLost)
    await isLost(near)
    near.publish('call.1', 'while it was lost')
    await nats.start()
    await expect
      .poll(() => [near.isConnected, far.isConnected], { timeout: backWithin })
      .toEqual([true, true])
    await untilReached(near, far)
    near.publish('call.1', 'after')
    await expect.poll(() => heard).toEqual(['after'])
    expect(told).toEqual([false, true])
  })

  test('B3.4 B1.10 stopped in its tracks: it is felt within 5 s, saying something waits for nothing, what is flushed not for long, and nothing of before is heard after', async () => {
    const nats = await startNats()
    const near = await openNatsEnd(natsSettings(nats))
    const far = await openNatsEnd(natsSettings(nats))
    const { heard } = hearOn(far, 'call.1')
    await untilReached(near, far)
    await nats.freeze()
    const began = performance.now()
    // More than all buffers of a connection take, so that the driver cannot end it in order.
    const large = 'x'.repeat(200_000)
    for (let n = 0; n < 60; n += 1) near.publish('call.1', large)
    const asked = allReplies(near.request('person.ann', null, { within: 60_000 })).catch((error) => error)
    const flushed = Promise.all([near.flush(), far.flush()]).then(() => performance.now() - began)
    expect(performance.now() - began).toBeLessThan(feltWithin)
    await expect
      .poll(() => [near.isConnected, far.isConnected], { timeout: feltWithin })
      .toEqual([false, false])
    expect(await flushed).toBeLessThan(feltWithin)
    await near.flush()
    expect(await asked).toBeInstanceOf(BusLost)
    // Until what its buffers hold is of before.
    await expect.poll(() => performance.now() - began, { timeout: 10_000 }).toBeGreaterThan(5_500)
    nats.kill('SIGCONT')
    await expect
      .poll(() => [near.isConnected, far.isConnected], { timeout: backWithin })
      .toEqual([true, true])
    await untilReached(near, far)
    near.publish('call.1', 'after')
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(['after'])
  })

  test('B3.5 replaced by one that accepts and never answers: no connection is believed, and none is left open', async () => {
    const nats = await startNats()
    const bus = await openNatsEnd(natsSettings(nats))
    await nats.stop()
    await expect.poll(() => bus.isConnected, { timeout: 1_000 }).toBe(false)
    const sockets = new Set<Socket>()
    let came = 0
    const silent = createServer((socket) => {
      came += 1
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
      socket.resume()
    }).listen(nats.port, '127.0.0.1')
    await once(silent, 'listening')
    await expect.poll(() => came, { timeout: 15_000 }).toBeGreaterThanOrEqual(3)
    expect(bus.isConnected).toBe(false)
    expect(sockets.size).toBeLessThanOrEqual(1)
    await isLost(bus)
    silent.close()
    for (const socket of sockets) socket.destroy()
    await nats.start()
    await expect.poll(() => bus.isConnected, { timeout: backWithin }).toBe(true)
  })

  test('B3.8 over a slow way, a node with many subjects comes back all the same, with every one', async () => {
    const nats = await startNats()
    const way = await startSlowWay(nats.port)
    const near = await openNatsEnd(natsSettings(way))
    const far = await openNatsEnd(natsSettings(nats))
    const name = (n: number) => `ring.${String(n).padStart(200, 'x')}`
    for (let n = 0; n < 20_000; n += 1) near.subscribe(name(n), () => n)
    await untilReached(far, near)
    way.slow(1_000_000)
    way.drop()
    await expect.poll(() => near.isConnected, { timeout: 1_000 }).toBe(false)
    await expect.poll(() => near.isConnected, { timeout: 30_000 }).toBe(true)
    const replies = []
    for (const n of [0, 9_999, 19_999])
      for await (const reply of far.request(name(n), null, { within: 5_000 })) {
        replies.push(reply)
        break
      }
    expect(replies).toEqual([0, 9_999, 19_999])
  })

  test('B3.3 one server of a cluster killed: whoever was there goes to the other, with every subscription', async () => {
    const one = await startNats()
    const two = await startNats({ cluster: one })
    const far = await openNatsEnd({ NATS_URL: `${one.url},${two.url}` })
    const near = await openNatsEnd(natsSettings(two))
    const told = watch(near)
    far.subscribe('ring.ann', () => 'here')
    await untilReached(near, far)
    one.kill('SIGKILL')
    // By lot it was at the other: then nothing happens to it, which the rest shows alike.
    await untilReached(near, far)
    const replies = []
    for await (const reply of near.request('ring.ann', null, { within: 5_000 })) {
      replies.push(reply)
      break
    }
    expect(replies).toEqual(['here'])
    expect(far.isConnected).toBe(true)
    expect(told).toEqual([])
  })

  test('B3.6 a message that was under way for more than 5 s is dropped, wherever it waited and whoever set a clock', async () => {
    const nats = await startNats()
    const way = await startTcpProxy(() => [nats.port])
    onTestFinished(() => way.close())
    let setBack = 0
    const near = await openNatsEnd({ NATS_URL: `nats://127.0.0.1:${way.port}` })
    const far = await openNatsEnd(natsSettings(nats), { now: () => Date.now() - setBack })
    const { heard } = hearOn(far, 'call.1')
    await untilReached(near, far)
    near.publish('call.1', 'in time')
    await expect.poll(() => heard).toEqual(['in time'])
    way.stall()
    near.publish('call.1', 'of before')
    const began = performance.now()
    // By its clock the message is not old, and this one has never heard of who sent it.
    setBack = 3_600_000
    const stranger = await openNatsEnd(natsSettings(nats))
    const strangers = hearOn(stranger, 'call.1').heard
    await expect.poll(() => performance.now() - began, { timeout: 10_000 }).toBeGreaterThan(6_000)
    way.mend()
    await expect.poll(() => near.isConnected, { timeout: backWithin }).toBe(true)
    await untilReached(near, far)
    await untilReached(near, stranger)
    near.publish('call.1', 'after')
    await expect.poll(() => [heard, strangers]).toEqual([['in time', 'after'], ['after']])
  })

  test('B3.6 clocks that are set and machines that sleep drop nothing, and change no order', async () => {
    const nats = await startNats()
    const clock = { set: 0, slept: 0 }
    const near = await openNatsEnd(natsSettings(nats), {
      now: () => Date.now() + clock.set,
      clocks: { monotonic: () => performance.now() - clock.slept, machine: Date.now },
    })
    const far = await openNatsEnd(natsSettings(nats))
    const ends = [hearOn(far, 'call.far').heard, hearOn(near, 'call.near').heard]
    await Promise.all([untilReached(near, far), untilReached(far, near)])
    const sent: number[] = []
    for (const [set, slept] of [
      [3_600_000, 0],
      [-3_600_000, 0],
      [6_000, 60_000],
      [0, 3_600_000],
    ] as const) {
      Object.assign(clock, { set, slept })
      for (let n = 0; n < 5; n += 1) {
        sent.push(sent.length)
        near.publish('call.far', sent.length)
        far.publish('call.near', sent.length)
      }
      await expect.poll(() => ends.map((heard) => heard.length)).toEqual([sent.length, sent.length])
    }
    for (const heard of ends) expect(heard).toEqual(sent.map((n) => n + 1))
    // One who begins now has another wall clock than the others, and another one than it had.
    const late = await openNatsEnd(natsSettings(nats), { now: () => Date.now() - 3_600_000 })
    await untilReached(late, far)
    late.publish('call.far', 'late')
    await expect.poll(() => ends[0]?.at(-1)).toBe('late')
  })

  test('B3.7 at the start: one that is not there, never answers, refuses the credentials, is not trusted or is no NATS is told in one sentence', async () => {
    const nats = await startNats({ user: { name: 'node', password: 'hush' } })
    const silent = await startSilent()
    const web = await startSilent('HTTP/1.1 400 Bad Request\r\n\r\n')
    const tls = await startNats({ tls: true })
    const small = await startNats({ maxPayload: 1_024 })
    const credentials = await startNats({ credentials: true })
    const credentialsFrom = (file: string) => ({ ...natsSettings(credentials), NATS_CREDS_FILE: file })
    const refusals = [
      [{ NATS_URL: 'nats://127.0.0.1:1' }, 'NATS cannot be reached (127.0.0.1:1: connection refused)'],
      [{ NATS_URL: silent.url }, 'NATS cannot be reached'],
      [{ NATS_URL: web.url }, 'it is no NATS server'],
      [{ NATS_URL: nats.url.replace('hush', 'guess') }, 'The NATS server refuses this server'],
      [{ NATS_URL: `nats://127.0.0.1:${nats.port}` }, 'The NATS server refuses this server'],
      [natsSettings(credentials), 'The NATS server refuses this server'],
      [credentialsFrom('/nowhere/node.creds'), '/nowhere/node.creds'],
      [
        credentialsFrom(inRoot('README.md')),
        'README.md holds no credentials of NATS). Correct NATS_CREDS_FILE',
      ],
      [
        { NATS_URL: nats.url.replace('nats:', 'tls:') },
        "server does not support 'tls'). Start it, or correct NATS_URL",
      ],
      [
        natsSettings(tls),
        'its certificate is not trusted here). Start it, or correct NATS_URL; if its certificate',
      ],
      [{ ...natsSettings(tls), NATS_CA_FILE: '/nowhere/ca.pem' }, '/nowhere/ca.pem'],
      [
        { ...natsSettings(tls), NATS_CA_FILE: inRoot('README.md') },
        'README.md holds no certificate). Correct',
      ],
      [natsSettings(small), 'Set its max_payload'],
    ] as const
    for (const [settings, said] of refusals) {
      const began = performance.now()
      const error = await openNatsEnd(settings).catch((cause) => cause)
      expect(error).toMatchObject({ name: 'StartupError', message: expect.stringContaining(said) })
      expect(error.message).not.toMatch(/hush|guess|\n/)
      expect(performance.now() - began).toBeLessThan(4_000)
    }
    await expect.poll(silent.open).toBe(0)
  })

  test('B3.5 a bus that is closed while it looks for a server is closed at once', async () => {
    const nats = await startNats()
    const bus = await openNatsEnd(natsSettings(nats))
    await nats.freeze()
    await expect.poll(() => bus.isConnected, { timeout: feltWithin }).toBe(false)
    const began = performance.now()
    await bus.close()
    expect(performance.now() - began).toBeLessThan(1_000)
    nats.kill('SIGCONT')
    await isLost(bus)
  })

  test('B3.7 of several servers one that can be reached is enough to start', async () => {
    const nats = await startNats()
    const silent = await startSilent()
    const bus = await openNatsEnd({ NATS_URL: `nats://127.0.0.1:1,${silent.url},${nats.url}` })
    expect(bus.isConnected).toBe(true)
  })
})
