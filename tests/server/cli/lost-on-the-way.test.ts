import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Call } from '../../../protocol/http.ts'
import { followCall } from '../../../server/cli/follow-call.ts'
import { writeOperatorFile } from '../../../server/operator-file.ts'
import { runCommand, startCommand } from '../../support/server/run-command.ts'
import { startStallProxy } from '../../support/stall-proxy.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { callerOf } from '../support/api-client.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { ann, settle } from '../support/people.ts'
import { reachableDevice } from '../support/websocket-device.ts'

const times = { silentAfter: 500, againAfter: 0 }

/** A way to a server on which `meet` is given each connection's number, and what the server says on it. */
async function wayTo({ url }: InProcessServer, meet: (nth: number, said: string, asker: Socket) => void) {
  let connections = 0
  const way = createServer((asker) => {
    const nth = connections++
    const server = connect(Number(new URL(url).port), '127.0.0.1')
    asker.on('error', () => server.destroy())
    asker.on('close', () => server.destroy())
    asker.pipe(server)
    server.on('data', (chunk) => meet(nth, String(chunk), asker))
    server.on('error', () => asker.destroy())
  })
  way.listen(0, '127.0.0.1')
  await once(way, 'listening')
  onTestFinished(() => void way.close())
  return `http://127.0.0.1:${(way.address() as AddressInfo).port}`
}

/** Where the commands find the server at another address than its own. */
function directoryFor({ operatorKey: key }: InProcessServer, url: string): string {
  const dataDir = temporaryFolder()
  writeOperatorFile(join(dataDir, 'operator.json'), { url, key, pid: process.pid })
  return dataDir
}

async function ringing() {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const placing = callerOf(server).place('ann')
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await placing
  return { server, device, id: call.id, operator: { key: server.operatorKey, pid: process.pid } }
}

test('S6.8 a call whose stream breaks is followed again, and nothing is shown twice', async () => {
  const { server, device, id, operator } = await ringing()
  const url = await wayTo(server, (nth, said, asker) => {
    if (nth === 0 && said.includes('ringing')) asker.end(said)
    else asker.write(said)
    if (nth > 0 && said.includes('ringing')) device.send({ type: 'answer', call: id })
  })
  const states: string[] = []
  const show = ({ state }: Call) => states.push(state)
  const patient = { ...times, silentAfter: 10_000 }
  const end = await followCall(() => ({ url, ...operator }), id, show, patient)
  expect(end?.state).toBe('answered')
  expect(states).toEqual(['ringing', 'answered'])
})

test('S6.8 a call is not known about when its server falls silent, and stays so', async () => {
  const { server, id, operator } = await ringing()
  const proxy = await startStallProxy()
  proxy.forwardTo(server.url)
  const shown: Call[] = []
  const hear = (now: Call) => {
    shown.push(now)
    proxy.stall()
  }
  expect(await followCall(() => ({ url: proxy.url, ...operator }), id, hear, times)).toBeUndefined()
  expect(shown).toMatchObject([{ state: 'ringing' }])
  expect(proxy.requestedPaths().filter((address) => address.endsWith('/events')).length).toBeGreaterThan(0)
})

test('S6.8 a stream is left when nothing has come for 20 s, and not before', async () => {
  const streams = createHttpServer((_, stream) => stream.flushHeaders())
  streams.listen(0, '127.0.0.1')
  await once(streams, 'listening')
  onTestFinished(() => void streams.close())
  const url = `http://127.0.0.1:${(streams.address() as AddressInfo).port}`
  const asked = once(streams, 'request')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  let reached = false
  const running = () => (reached ? undefined : { url, key: 'key', pid: process.pid })
  const following = followCall(running, 'id', () => {})
  await vi.advanceTimersByTimeAsync(0)
  const [, stream] = await asked
  reached = true
  vi.advanceTimersByTime(19_999)
  expect(stream.destroyed).toBe(false)
  const left = once(stream, 'close')
  vi.advanceTimersByTime(1)
  await left
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await following).toBeUndefined()
})

test('S6.8 of a call whose stream breaks for good, the terminal says that nobody knows', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const url = await wayTo(server, (_, said, asker) => {
    if (said.includes('event-stream')) asker.destroy()
    else asker.write(said)
  })
  const { ended } = startCommand(directoryFor(server, url), 'call', 'ann')
  device.send({ type: 'rings', call: (await device.next('ring')).call.id })
  expect(await ended).toMatchObject({
    code: 1,
    err: 'The server tells no more of the call. It is not known what became of it.',
  })
})

test('S6.9 a call whose answer is lost is asked for again, and is one call', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const device = await reachableDevice(server, ann)
  const url = await wayTo(server, (nth, said, asker) => (nth === 0 ? asker.destroy() : asker.write(said)))
  const { ended } = startCommand(directoryFor(server, url), 'call', 'ann')
  const { call } = await device.next('ring')
  device.send({ type: 'rings', call: call.id })
  await expect.poll(async () => (await callerOf(server).get(call.id)).state).toBe('ringing')
  device.send({ type: 'decline', call: call.id })
  const { code, out } = await ended
  expect([code, out.split('\n').at(-1)]).toEqual([3, 'Declined.'])
  expect(await (await server.db()).selectFrom('call').select('id').execute()).toEqual([{ id: call.id }])
})

test('S6.9 where no answer comes it is not known whether there is a call', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const url = await wayTo(server, (_nth, _said, asker) => asker.destroy())
  expect(await runCommand(directoryFor(server, url), 'call', 'ann')).toMatchObject({
    code: 1,
    err: 'The server does not answer. It is not known whether the call was placed.',
  })
})
