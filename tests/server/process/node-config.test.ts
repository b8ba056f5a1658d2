import { expect, test } from 'vitest'
import { readConfig } from '../../../server/config.ts'

const secret = 's'.repeat(32)

const node = {
  DATABASE_URL: 'postgres://reachable:hush-database@db.example:5432/reachable',
  NATS_URL: 'nats://nats.example',
  AUTH_SECRET: secret,
  PUBLIC_URL: 'https://reachable.example',
}

/** What is said of a configuration that is wrong; undefined when it is right. */
function complaint(env: Record<string, string | undefined>): string | undefined {
  try {
    readConfig(env)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const natsOf = (more: Record<string, string>) => readConfig({ ...node, ...more }).nodes?.nats

test('S1.4 a node is a server with DATABASE_URL and NATS_URL', () => {
  expect(readConfig(node).nodes).toEqual({
    databaseUrl: node.DATABASE_URL,
    nats: {
      servers: [{ host: 'nats.example', port: 4222 }],
      tls: false,
      caFile: undefined,
      credentials: { kind: 'none' },
    },
  })
})

test('S1.4 NATS_URL names one server or several, with a user or a token', () => {
  expect(natsOf({ NATS_URL: 'nats://ann:p%40ss@one.example:1, nats://ann:p%40ss@[::1]:2' })).toMatchObject({
    servers: [
      { host: 'one.example', port: 1 },
      { host: '::1', port: 2 },
    ],
    credentials: { kind: 'password', user: 'ann', password: 'p@ss' },
  })
  expect(natsOf({ NATS_URL: 'tls://t0ken@one.example' })).toMatchObject({
    tls: true,
    credentials: { kind: 'token', token: 't0ken' },
  })
})

test.each([
  ['DATABASE_URL alone', { NATS_URL: undefined }, 'DATABASE_URL and NATS_URL must be set both'],
  ['NATS_URL alone', { DATABASE_URL: undefined }, 'DATABASE_URL and NATS_URL must be set both'],
  ['no secret for all', { AUTH_SECRET: undefined }, 'AUTH_SECRET must be set with DATABASE_URL'],
  ['no address for all', { PUBLIC_URL: undefined }, 'PUBLIC_URL must be set with DATABASE_URL'],
  ['another database', { DATABASE_URL: 'mysql://u:hush@db.example/x' }, 'DATABASE_URL must be the address'],
  ['no database named', { DATABASE_URL: 'postgres://u:hush@db.example' }, 'DATABASE_URL must be the address'],
  ['no host of NATS', { NATS_URL: 'nats://' }, 'NATS_URL must be the address'],
  ['another scheme', { NATS_URL: 'https://u:hush@nats.example' }, 'NATS_URL must be the address'],
  ['a path', { NATS_URL: 'nats://u:hush@nats.example/x' }, 'NATS_URL must be the address'],
  ['one good, one not', { NATS_URL: 'nats://a.example,hush' }, 'NATS_URL must be the address'],
  ['commas alone', { NATS_URL: ',,' }, 'NATS_URL must be the address'],
  ['a broken escape', { NATS_URL: 'nats://u:hush%zz@a.example' }, 'NATS_URL must be the address'],
  ['TLS to some', { NATS_URL: 'nats://a.example,tls://b.example' }, 'NATS_URL must have nats://'],
  [
    'two users',
    { NATS_URL: 'nats://u:hush@a.example,nats://v:hush@b.example' },
    'NATS_URL must have the same user',
  ],
  [
    'a user and a file',
    { NATS_URL: 'nats://u:hush@a.example', NATS_CREDS_FILE: '/hush.creds' },
    'NATS_CREDS_FILE must be left out',
  ],
  [
    'files of NATS alone',
    { DATABASE_URL: undefined, NATS_URL: undefined, NATS_CA_FILE: '/hush.pem' },
    'NATS_CREDS_FILE and NATS_CA_FILE must be left out',
  ],
])('S1.5 %s is told in one sentence that says what to do, and repeats no secret', (_, change, said) => {
  const message = complaint({ ...node, ...change })
  expect(message?.split('\n').slice(1)).toEqual([expect.stringContaining(`- ${said}`)])
  expect(message).not.toContain('hush')
  expect(message).not.toContain(secret)
})
