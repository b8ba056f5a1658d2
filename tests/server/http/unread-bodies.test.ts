import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createApiKey } from '../../../server/accounts/api-keys.ts'
import { readOperatorFile } from '../../../server/operator-file.ts'
import { startServer } from '../../support/server/start-server.ts'
import { startInProcessServer } from '../support/in-process-server.ts'

const megabyte = 1_048_576
const block = Buffer.alloc(megabyte, 'a')

/** Asks for something with a body of 300 MB, and goes on sending it until the server ends that. */
async function sendForever(url: string, method: string, path: string, chunked: boolean) {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  let answer = ''
  socket.on('data', (data) => (answer += data)).on('error', () => {})
  const ended = new Promise<'ended'>((resolve) => socket.once('close', () => resolve('ended')))
  const length = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${300 * megabyte}`
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\n${length}\r\n\r\n`)
  let sent = 0
  for (; sent < 300; sent += 1) {
    if (chunked) socket.write(`${megabyte.toString(16)}\r\n`)
    const taken = new Promise<string | undefined>((resolve) => {
      socket.write(block, (error) => resolve(error ? 'ended' : undefined))
    })
    if ((await Promise.race([ended, taken])) === 'ended') break
    if (chunked) socket.write('\r\n')
  }
  return { sent, answer }
}

/** What the process holds in memory, in MB. */
const memory = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024

test('S5.8 a question that comes with 300 MB is answered and closed, and nothing of them is read', async () => {
  const server = await startServer()
  const pid = readOperatorFile(join(server.dataDir, 'operator.json'))?.pid ?? 0
  await fetch(`${server.url}/ready`)
  const before = memory(pid)
  const questions = [
    ['GET', '/ready', 200],
    ['HEAD', '/health', 200],
    ['GET', '/nothing', 404],
    ['GET', '/password/forgot', 200],
    ['GET', '/api/calls/none', 401],
    ['GET', '/scim/v2/Users', 401],
  ] as const
  const asked = questions.flatMap((question) =>
    [false, true].map((chunked) => [...question, chunked] as const),
  )
  const asking = asked.map(async ([method, path, status, chunked]) => {
    const { sent, answer } = await sendForever(server.url, method, path, chunked)
    expect([path, chunked, answer.split(' ', 2)[1]]).toEqual([path, chunked, String(status)])
    expect(answer).toMatch(/^connection: close\r$/im)
    // What the system's own buffers take is not read by the server.
    expect(sent, path).toBeLessThan(30)
  })
  await Promise.all(asking)
  expect(memory(pid) - before).toBeLessThan(60)
})

test('S5.8 a body that is sent on and on after it was refused is read for no longer than a second', async () => {
  const server = await startInProcessServer()
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.once('close', resolve))
  let answer = ''
  socket.on('data', (data) => (answer += data))
  socket.write('POST /api/calls HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
  const dripping = setInterval(() => socket.write('1\r\na\r\n'), 50)
  onTestFinished(() => clearInterval(dripping))
  await expect.poll(() => answer).toContain('401 Unauthorized')
  const answered = performance.now()
  await closed
  expect(performance.now() - answered).toBeLessThan(2_000)
})

test('S5.8 a refusal leaves the connection open where the body has come', async () => {
  const server = await startInProcessServer()
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  let answers = ''
  socket.on('data', (data) => (answers += data))
  const refused = 'POST /api/calls HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}'
  for (const count of [1, 2]) {
    socket.write(refused)
    await expect.poll(() => answers.match(/401 Unauthorized/g)?.length).toBe(count)
  }
})

test('S5.8 requests that are broken off in their body leave nothing in the log', async () => {
  const lines: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  const server = await startInProcessServer({ log, env: { DEMO_ACCOUNTS: '1' } })
  const { hostname, port } = new URL(server.url)
  const provisioning = await createApiKey(await server.db(), 'Clinic', server.clock.wall(), 'scim')
  const headers = 'Host: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n'
  for (const [path, key] of [
    ['/api/calls', server.operatorKey],
    ['/scim/v2/Users', provisioning],
    ['/password/forgot', ''],
  ] as const)
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        const from = `Origin: ${server.url}\r\nAuthorization: Bearer ${key}\r\n`
        socket.write(`POST ${path} HTTP/1.1\r\n${headers}${from}\r\n{"to":`, () => socket.resetAndDestroy())
      })
      socket.on('error', () => {}).once('close', () => resolve())
    })
  await fetch(`${server.url}/ready`)
  await server.close()
  expect(lines).toEqual([])
})
