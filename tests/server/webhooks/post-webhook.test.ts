import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { postWebhook } from '../../../server/webhooks/post-webhook.ts'
import { isPublicAddress, whyNotAllowed } from '../../../server/webhooks/webhook-address.ts'

/** Counts who connects to it, and says nothing. */
async function countConnections() {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

test.each([
  'http://hooks.example/x',
  'ftp://hooks.example/x',
  'file:///etc/passwd',
  'https://user:secret@hooks.example/x',
  'https://hooks.example/x#part',
  'https://localhost/x',
  'https://127.0.0.1/x',
  'https://127.1/x',
  'https://2130706433/x',
  'https://0x7f.0.0.1/x',
  'https://0/x',
  'https://10.0.0.1/x',
  'https://172.16.0.1/x',
  'https://192.168.1.1/x',
  'https://169.254.169.254/latest/meta-data',
  'https://100.64.0.1/x',
  'https://[::1]/x',
  'https://[::]/x',
  'https://[fe80::1]/x',
  'https://[fd00::1]/x',
  'https://[::ffff:10.0.0.1]/x',
  'https://[64:ff9b::a00:1]/x',
  'https://[2002:7f00:1::]/x',
  'https://[::127.0.0.1]/x',
  'https://[::10.0.0.1]/x',
])('PP3.4 a webhook is not at %s', async (address) => {
  expect(whyNotAllowed(address, false)).toEqual(expect.any(String))
  expect(await postWebhook(address, '{}', {}, { isPrivateAllowed: false })).toMatchObject({ kind: 'failed' })
})

test('PP3.4 what is allowed: https anywhere public, and what the operator opened', () => {
  expect(whyNotAllowed('https://hooks.example/x?y=z', false)).toBeUndefined()
  expect(whyNotAllowed('https://203.0.114.5:8443/x', false)).toBeUndefined()
  expect(whyNotAllowed('http://127.0.0.1:8080/x', false)).toEqual(expect.any(String))
  expect(whyNotAllowed('http://127.0.0.1:8080/x', true)).toBeUndefined()
  expect(whyNotAllowed('https://10.0.0.1/x', true)).toBeUndefined()
  expect(whyNotAllowed('http://10.0.0.1/x', true)).toEqual(expect.any(String))
  for (const address of [
    '127.0.0.1',
    '10.1.2.3',
    '::1',
    '::ffff:192.168.0.1',
    '::a9fe:a9fe',
    '169.254.0.1',
    'fd12::1',
    'x',
  ])
    expect([address, isPublicAddress(address)]).toEqual([address, false])
  for (const address of ['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])
    expect([address, isPublicAddress(address)]).toEqual([address, true])
})

test('PP3.4 a public name that is looked up as a private address is connected to by nobody', async () => {
  const { port, connections } = await countConnections()
  const asked: string[] = []
  const outcome = await postWebhook(
    `https://hooks.example:${port}/x`,
    '{}',
    {},
    {
      isPrivateAllowed: false,
      resolve: async (hostname) => {
        asked.push(hostname)
        return [{ address: '127.0.0.1' }, { address: '::ffff:127.0.0.1' }, { address: '10.0.0.1' }]
      },
    },
  )
  expect(outcome).toEqual({
    kind: 'failed',
    why: 'hooks.example has no public address; WEBHOOKS_PRIVATE=on would allow a private one',
  })
  expect(asked).toEqual(['hooks.example'])
  expect(connections()).toBe(0)
  // The way there is open: it is the address that was refused.
  const allowed = await postWebhook(
    `https://hooks.example:${port}/x`,
    '{}',
    {},
    {
      isPrivateAllowed: true,
      resolve: async () => [{ address: '127.0.0.1' }],
      within: 300,
    },
  )
  expect(allowed).toEqual({ kind: 'failed', why: 'no answer within 0.3 s' })
  expect(connections()).toBe(1)
})
