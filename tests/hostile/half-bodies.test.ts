import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createApiKey, type KeyLimits } from '../../server/accounts/api-keys.ts'
import { post } from '../server/support/api-client.ts'
import { asTestServer } from '../server/support/as-test-server.ts'
import { ben, settle } from '../server/support/people.ts'
import { reachableDevice } from '../server/support/websocket-device.ts'
import { startServer } from '../support/server/start-server.ts'
import { attack } from './count.ts'

/** What a right key begins to send, and never ends. */
const begun = (path: string, type: string) => (key: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 100\r\nAuthorization: Bearer ${key}\r\n\r\n{`

const limited: KeyLimits = { provisioningDomain: 'north', emailDomains: ['north.example'] }

const keys = [
  ['calls', {}, begun('/api/calls', 'application/json')],
  ['scim', limited, begun('/scim/v2/Users', 'application/scim+json')],
] as const

const opened = (url: string, bytes: string) =>
  new Promise<Socket>((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname, () => {
      socket.write(bytes)
      resolve(socket)
    })
    socket.on('error', () => resolve(socket))
    socket.resume()
  })

test.each(keys)(
  'Z3.3 T1.1 half-sent bodies of a right key fill no connections: who is green can be called by another: %s',
  async (scope, more, bytesOf) => {
    const child = await startServer({}, ['prlimit', '--nofile=512'])
    const server = asTestServer(child)
    await settle(server, ben)
    const device = await reachableDevice(server, ben)
    device.socket.on('message', (data) => {
      const message = JSON.parse(String(data))
      if (message.type === 'ring') device.send({ type: 'rings', call: message.call.id })
    })
    const db = await server.db()
    const key = (await createApiKey(db, 'Half', Date.now(), scope, more)) ?? ''
    const good = (await createApiKey(db, 'Good', Date.now())) ?? ''
    const halves = attack('caller', 'requests whose body never ends')
    const sockets: Socket[] = []
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
    })
    for (let n = 0; n < 520; n += 1) {
      halves(1)
      sockets.push(await opened(child.url, bytesOf(key)))
    }
    const held = () => sockets.filter(({ destroyed, readable }) => !destroyed && readable).length
    // What is beyond the share of a key and of an address had to go.
    await expect.poll(held, { timeout: 20_000 }).toBeLessThan(300)
    expect(held()).toBeGreaterThan(100)
    for (let round = 0; round < 3; round += 1) {
      await halves.hold(`round ${round}`, async () => {
        await device.lease()
        const call = { to: ben.username }
        const placed = await post(server, '/api/calls', call, { authorization: `Bearer ${good}` })
        expect([placed.status, await placed.json()]).toMatchObject([201, { devices: 1 }])
      })
    }
  },
  60_000,
)
