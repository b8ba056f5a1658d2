import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { checkServer, diagnose } from '../../../entrypoints/background/session/server-health.ts'
import { protocolVersion } from '../../../protocol/connection.ts'

afterEach(() => vi.unstubAllGlobals())

test.each([
  [[protocolVersion], 'fine'],
  [[protocolVersion, protocolVersion + 1], 'fine'],
  [[1], 'outdated'],
  [[protocolVersion + 1], 'outdated'],
])('L1.3 a server that speaks the versions %j is %s to the device', async (protocols, answer) => {
  vi.stubGlobal('fetch', async () => Response.json({ service: 'reachable', protocols }))
  expect(await checkServer('https://reachable.example')).toBe(answer)
})

test('S5.4 a refusal of a server that does not know this extension is no silence, and is asked for once', async () => {
  const modes: (RequestMode | undefined)[] = []
  vi.stubGlobal('fetch', async (_url: string, { mode }: RequestInit) => {
    modes.push(mode)
    return Response.json(
      { error: 'unauthorized', message: 'This origin may not use this server.' },
      { status: 401 },
    )
  })
  expect(await checkServer('https://reachable.example')).toBe('not-a-reachable-server')
  expect(modes).toEqual(['cors'])
})

/** The origin of a server that answers each of these requests in its turn, and all after as the last. */
async function serverThat(...turns: RequestListener[]): Promise<string> {
  let asked = 0
  const server = createServer((request, response) => {
    const turn = turns[Math.min(asked, turns.length - 1)]
    asked += 1
    turn?.(request, response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const body = JSON.stringify({ service: 'reachable', protocols: [protocolVersion] })
const answering: RequestListener = (_request, response) => void response.end(body)
const lost: RequestListener = (request) => void request.socket.destroy()
const breakingOff: RequestListener = (request, response) => {
  response.writeHead(200, { 'content-length': body.length })
  response.write(body.slice(0, 9), () => request.socket.destroy())
}

test('S5.4 T5.2 a request that is lost makes no stranger of the right server', async () => {
  expect(await checkServer(await serverThat(lost, answering))).toBe('fine')
  expect(await checkServer(await serverThat(lost))).toBe('server-silent')
})

test('S5.4 T5.2 an answer that breaks off is silence, and another answer is a stranger’s', async () => {
  expect(await checkServer(await serverThat(breakingOff))).toBe('server-silent')
  expect(await checkServer(await serverThat((_request, response) => void response.end('hello')))).toBe(
    'not-a-reachable-server',
  )
})

test('S5.4 T5.2 a server of another kind, which lets nobody read, is told from one that takes too long', async () => {
  const asked: (RequestMode | undefined)[] = []
  const unreadable = (error: unknown) =>
    vi.stubGlobal('fetch', async (_url: string, { mode }: RequestInit) => {
      asked.push(mode)
      if (mode === 'cors') throw error
      return new Response(null)
    })
  unreadable(new TypeError('Failed to fetch'))
  expect(await checkServer('https://other.example')).toBe('not-a-reachable-server')
  expect(asked.splice(0)).toEqual(['cors', 'no-cors', 'cors'])
  expect(await diagnose('https://other.example')).toBe('not-a-reachable-server')
  // A proxy before a server that is down answers like that, where this session was begun.
  expect(await diagnose('https://other.example', { begunThere: true })).toBe('server-silent')
  asked.length = 0
  unreadable(new DOMException('It took too long', 'TimeoutError'))
  expect(await checkServer('https://other.example')).toBe('server-silent')
})
