import { expect, test } from 'vitest'
import { defaultLifetimes } from '../../../server/accounts/session-lifetimes.ts'
import { readConfig } from '../../../server/config.ts'

test('S1.1 without any setting the server is for this machine alone', () => {
  expect(readConfig({}, '/somewhere')).toMatchObject({
    port: 8787,
    host: '127.0.0.1',
    connectionsPerAddress: 20_000,
    dataDir: '/somewhere/data',
    publicUrl: undefined,
    roomUrl: undefined,
    stunUrls: [],
    turn: undefined,
    turnOnly: false,
    extensionOrigins: [],
    ringFor: 45_000,
    callRates: { perMinute: 600, perMinuteToOne: 12 },
    logLevel: 'info',
    // Which format there is at a terminal is the log's own matter.
    logFormat: undefined,
    authSecret: undefined,
    trustProxy: false,
    demoAccounts: false,
    sessionLifetimes: defaultLifetimes,
    callsKeptFor: 400 * 86_400_000,
    messagesKeptFor: 400 * 86_400_000,
    webhooksPrivate: false,
    auditKeptFor: 400 * 86_400_000,
    openId: undefined,
    nodes: undefined,
    warnings: [],
    drainFor: 60_000,
  })
})

test('S1.1 every setting is read, and an empty one counts as none', () => {
  expect(
    readConfig(
      {
        PORT: ' 0 ',
        HOST: '0.0.0.0',
        CONNECTIONS_PER_ADDRESS: '500',
        DATA_DIR: '/var/reachable',
        DISK_LOW_MB: '2048',
        DRAIN_SECONDS: '0',
        PUBLIC_URL: 'https://Reachable.example/',
        ROOM_URL: 'https://meet.example/{room}',
        STUN_URLS: 'stun:stun.example',
        TURN_URLS: ' turn:turn.example:3478?transport=udp , turns:turn.example:5349 ',
        TURN_SECRET: ' of sixteen or more ',
        TURN_ONLY: 'on',
        EXTENSION_ORIGINS: 'chrome-extension://ABC, ,moz-extension://def',
        RING_FOR: '30',
        CALLS_PER_MINUTE: '60',
        CALLS_PER_MINUTE_TO_ONE: '6',
        LOG_LEVEL: 'debug',
        LOG_FORMAT: 'words',
        AUTH_SECRET: 'x'.repeat(32),
        TRUST_PROXY: 'true',
        DEMO_ACCOUNTS: '',
        FIRST_PASSWORD_DAYS: '14',
        SESSION_DAYS: '7',
        SESSION_HOURS: '1',
        SESSION_MAX_DAYS: '90',
        SESSION_MAX_HOURS: '24',
        OPENID_ISSUER: 'https://id.clinic.example/realm',
        OPENID_CLIENT_ID: 'reachable',
        OPENID_CLIENT_SECRET: 'hush',
        OPENID_CLIENT_AUTH: 'basic',
        OPENID_DOMAINS: 'Clinic.example, clinic.test',
        OPENID_RETURN_TO: 'https://abc.chromiumapp.org/',
        SMTP_URL: 'smtps://calls:secret@mail.example:465',
        MAIL_FROM: 'Reachable <calls@clinic.example>',
        OPERATOR_EMAIL: ' Operator@clinic.example ',
        MISSED_MAIL_AFTER: '60',
        CALL_DAYS: '7',
        MESSAGE_DAYS: '60',
        WEBHOOKS_PRIVATE: 'on',
        AUDIT_DAYS: '30',
        SIGN_UP: 'on',
        SIGN_UP_DOMAINS: ' @Clinic.example, hospital.example',
        DATABASE_URL: ' postgres://reachable:secret@db.example/reachable ',
        NATS_URL: 'tls://nats-1.example, tls://nats-2.example:4333',
        NATS_CREDS_FILE: 'reachable.creds',
        NATS_CA_FILE: '/etc/nats/ca.pem',
      },
      '/srv',
    ),
  ).toEqual({
    port: 0,
    host: '0.0.0.0',
    connectionsPerAddress: 500,
    dataDir: '/var/reachable',
    diskLowBelow: 2_147_483_648,
    drainFor: 0,
    publicUrl: 'https://reachable.example',
    roomUrl: 'https://meet.example/{room}',
    stunUrls: ['stun:stun.example'],
    turn: {
      urls: ['turn:turn.example:3478?transport=udp', 'turns:turn.example:5349'],
      secret: 'of sixteen or more',
    },
    turnOnly: true,
    extensionOrigins: ['chrome-extension://abc', 'moz-extension://def'],
    ringFor: 30_000,
    callRates: { perMinute: 60, perMinuteToOne: 6 },
    logLevel: 'debug',
    logFormat: 'words',
    authSecret: 'x'.repeat(32),
    trustProxy: true,
    demoAccounts: false,
    sessionLifetimes: {
      persistent: 7 * 86_400_000,
      transient: 3_600_000,
      longestPersistent: 90 * 86_400_000,
      longestTransient: 24 * 3_600_000,
    },
    openId: {
      issuer: 'https://id.clinic.example/realm',
      name: 'id.clinic.example',
      clientId: 'reachable',
      clientSecret: 'hush',
      clientAuth: 'basic',
      domains: ['clinic.example', 'clinic.test'],
      returnTo: expect.arrayContaining(['https://abc.chromiumapp.org/']),
    },
    smtpUrl: 'smtps://calls:secret@mail.example:465',
    mailFrom: 'Reachable <calls@clinic.example>',
    operatorEmail: 'operator@clinic.example',
    missedMailAfter: 60_000,
    callsKeptFor: 7 * 86_400_000,
    messagesKeptFor: 60 * 86_400_000,
    webhooksPrivate: true,
    auditKeptFor: 30 * 86_400_000,
    firstPasswordLifetime: 14 * 86_400_000,
    signUp: ['clinic.example', 'hospital.example'],
    warnings: [],
    nodes: {
      databaseUrl: 'postgres://reachable:secret@db.example/reachable',
      nats: {
        servers: [
          { host: 'nats-1.example', port: 4222 },
          { host: 'nats-2.example', port: 4333 },
        ],
        tls: true,
        caFile: '/etc/nats/ca.pem',
        credentials: { kind: 'file', path: '/srv/reachable.creds' },
      },
    },
  })
})

test.each(['SIGN_UP', 'TRUST_PROXY', 'DEMO_ACCOUNTS'])(
  'S1.7 %s is on or off, by whichever of the usual words',
  (name) => {
    const read = (value: string) => {
      const { signUp, trustProxy, demoAccounts } = readConfig({ [name]: value })
      return [signUp !== 'off', trustProxy, demoAccounts].filter(Boolean).length
    }
    for (const value of ['on', '1', 'true', ' ON ']) expect(read(value), value).toBe(1)
    for (const value of ['off', '0', 'false', 'Off', '']) expect(read(value), value).toBe(0)
    expect(() => read('yes')).toThrow(`${name} must be on or off.`)
  },
)

test.each([
  [{ SIGN_UP_DOMAINS: 'clinic.example' }, 'SIGN_UP_DOMAINS is set and SIGN_UP is off'],
  [{ SESSION_MAX_DAYS: '5' }, 'SESSION_MAX_DAYS is less than SESSION_DAYS'],
  [{ SESSION_HOURS: '200' }, 'SESSION_MAX_HOURS is less than SESSION_HOURS'],
  [{ OPENID_CLIENT_ID: 'reachable' }, 'OPENID_CLIENT_ID is set and OPENID_CLIENT_SECRET is not'],
  [{ OPENID_CLIENT_SECRET: 'hush' }, 'OPENID_CLIENT_SECRET is set and OPENID_CLIENT_ID is not'],
  [
    { PUBLIC_URL: 'http://reachable.example' },
    'PUBLIC_URL is http://reachable.example: the extension refuses',
  ],
])('S3.8 settings that do not what was meant are told of: %o', (env, warning) => {
  expect(readConfig(env).warnings).toEqual([expect.stringContaining(warning)])
})

test('S3.8 settings that go together are not', () => {
  for (const env of [
    { SIGN_UP: 'on', SIGN_UP_DOMAINS: 'clinic.example' },
    { SESSION_DAYS: '5', SESSION_MAX_DAYS: '5' },
    { OPENID_CLIENT_ID: 'reachable', OPENID_CLIENT_SECRET: 'hush' },
    { PUBLIC_URL: 'http://127.0.0.1:9000' },
  ])
    expect(readConfig(env).warnings).toEqual([])
})

test('S1.3 all faults are named at once, each with what the setting should be', () => {
  const faulty = {
    PORT: '99999',
    HOST: 'http://x/',
    CONNECTIONS_PER_ADDRESS: '0',
    PUBLIC_URL: 'reachable.example',
    ROOM_URL: 'https://meet.example/',
    STUN_URLS: 'stun.example',
    TURN_URLS: 'turn.example',
    TURN_SECRET: 'short',
    TURN_ONLY: 'maybe',
    EXTENSION_ORIGINS: 'https://ok.example, nonsense',
    RING_FOR: '0',
    CALLS_PER_MINUTE: '0',
    CALLS_PER_MINUTE_TO_ONE: '60001',
    LOG_LEVEL: 'loud',
    AUTH_SECRET: 'short',
    DISK_LOW_MB: '-1',
    DRAIN_SECONDS: '601',
    TRUST_PROXY: 'maybe',
    DEMO_ACCOUNTS: 'yes',
    FIRST_PASSWORD_DAYS: '91',
    SESSION_DAYS: '0',
    SESSION_HOURS: '721',
    SESSION_MAX_DAYS: '4001',
    SESSION_MAX_HOURS: '0',
    OPENID_ISSUER: 'http://id.clinic.example',
    OPENID_NAME: 'n'.repeat(41),
    OPENID_CLIENT_AUTH: 'magic',
    OPENID_DOMAINS: '*.example',
    OPENID_RETURN_TO: 'https://x.example/?a',
    OPERATOR_EMAIL: 'one@clinic.example, two@clinic.example',
    CALL_DAYS: '0',
    MESSAGE_DAYS: '29',
    WEBHOOKS_PRIVATE: 'maybe',
    AUDIT_DAYS: '29',
    DATABASE_URL: 'postgres://db.example',
    NATS_URL: 'nats.example',
  }
  expect(() => readConfig(faulty)).toThrow(
    expect.toSatisfy((fault: Error) =>
      Object.keys(faulty).every((name) => fault.message.includes(`- ${name} must`)),
    ),
  )
})

test('S1.3 a setting is judged to the letter', () => {
  for (const [name, value] of [
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['PUBLIC_URL', 'https://reachable.example/path'],
    ['PUBLIC_URL', 'ftp://reachable.example'],
    ['ROOM_URL', 'javascript:{room}'],
    ['RING_FOR', '601'],
    ['OPENID_ISSUER', 'https://id.example/?x=1'],
    ['OPENID_RETURN_TO', 'http://x.example/'],
    ['OPENID_RETURN_TO', 'javascript:alert(1)'],
  ] as const)
    expect(() => readConfig({ [name]: value }), `${name}=${value}`).toThrow(name)
})
