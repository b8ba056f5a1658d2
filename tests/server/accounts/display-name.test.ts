import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseServerMessage } from '../../../protocol/connection.ts'
import { longestName, nameError, normalizedName, shownName } from '../../../protocol/display-name.ts'
import { personErrors } from '../../../server/accounts/new-person.ts'
import { readConfig } from '../../../server/config.ts'
import { issuerProfileOf } from '../../../server/openid/issuer-profile.ts'
import { resolvePerson } from '../../../server/openid/resolve-person.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { callerOf, post } from '../support/api-client.ts'
import { openTestDatabase, startInProcessServer } from '../support/in-process-server.ts'
import { ann, settle } from '../support/people.ts'

/** How many names a property is tried with: `NAMES=1000000` for a proof. */
const numRuns = Number(process.env.NAMES ?? 5_000)

const errorOf = (typed: string) => nameError(normalizedName(typed))

/** Anything that a string of JSON can hold, halves of characters too. */
const anything = fc.string({
  unit: fc.integer({ min: 0, max: 0x10ffff }).map((at) => String.fromCodePoint(at)),
})

const unsafe = [
  ...Array.from({ length: 0x20 }, (_, at) => at),
  ...Array.from({ length: 0x21 }, (_, at) => 0x7f + at),
  ...[0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069],
  ...[0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfdd0, 0xfffe, 0xffff, 0x1fffe, 0x10ffff],
].map((at) => String.fromCodePoint(at))

const invisible = [
  ...[0x20, 0xa0, 0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180e, 0x2003, 0x200b, 0x200c],
  ...[0x200d, 0x200e, 0x200f, 0x2060, 0x2062, 0x2064, 0x206a, 0x206f, 0x2800, 0x3000, 0x3164, 0xfe00, 0xfe0f],
  ...[0xfeff, 0xffa0, 0xfff9, 0xfffc, 0x1bca0, 0x1d159, 0x1d173, 0x13441, 0xe0001, 0xe0020, 0xe007f, 0xe0100],
  ...[0x300, 0x301, 0x489, 0x20dd, 0x5b0, 0x64b, 0x93c, 0x94d, 0xfe20],
].map((at) => String.fromCodePoint(at))

test.each([
  ...[
    'Ann Lee',
    "Siobhán O'Neill",
    'D’Arcy',
    'Nguyễn Thị Minh Khai',
    'Zoe\u0308',
    'X',
    '7',
    '李',
    '山田 太郎',
  ],
  ...[
    '김민준',
    'Мария Ильинична',
    'Ἀχιλλεύς',
    'محمد بن سلمان',
    'שָׁלוֹם',
    'علی\u200cرضا',
    'क्\u200dषितिज',
    'ශ්\u200dරී',
  ],
  ...[
    'நாராயணன்',
    'สมชาย',
    'ကျော်',
    'ខ្មែរ',
    'ᠮᠣᠩᠭᠣᠯ',
    'አበበ',
    'ᎠᏂ',
    '𠮷野家',
    '𞤀𞤣𞤤𞤢𞤥',
    'ߒߞߏ',
    'ⴰⵎⴰⵣⵉⵖ',
    'གཙང་པོ',
    'Ḿ\u0301\u0323',
  ],
  ...[
    'Ann 👩🏽\u200d⚕\ufe0f',
    '❤\ufe0f',
    '👩\u200d👩\u200d👧\u200d👦',
    '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    '1\ufe0f\u20e3',
  ],
  ...[
    '<b>"Nora"</b> & \'Co\'',
    'a.b@clinic.example',
    'Clinic (North)/Ward 7',
    '—',
    '\u200fרות',
    'ألف\u061c 7',
    '\u{1fae9}',
  ],
])('A4.4 %s is a name, and is shown as it is', (name) => {
  expect(errorOf(name)).toBeUndefined()
  expect(shownName(normalizedName(name))).toBe(normalizedName(name))
})

test('A4.4 nothing with a control character, a line break or a change of direction is a name', () => {
  // At an end a line break is a space, and goes.
  for (const sign of unsafe)
    for (const name of [`Ann${sign}Lee`, `${sign}Ann`, `Ann ${sign} Lee`])
      expect([name, errorOf(name)]).toEqual([name, name === name.trim() ? 'control' : undefined])
})

test('A4.4 nothing made only of invisible signs is a name', () => {
  expect(errorOf('')).toBe('missing')
  for (const sign of invisible)
    expect([sign.codePointAt(0)?.toString(16), errorOf(sign)]).toEqual([
      sign.codePointAt(0)?.toString(16),
      'missing',
    ])
  const blank = fc.array(fc.constantFrom(...invisible), { maxLength: 120 }).map((signs) => signs.join(''))
  fc.assert(
    fc.property(blank, (name) => {
      expect([errorOf(name), shownName(name)]).toEqual(['missing', ''])
    }),
    { numRuns },
  )
})

test('A4.4 a name is as long as Unicode counts it, whatever its letters take', () => {
  for (const letter of ['x', 'é', '李', '𠮷', '😀']) {
    expect(errorOf(letter.repeat(longestName))).toBeUndefined()
    expect(errorOf(letter.repeat(longestName + 1))).toBe('too-long')
    expect(shownName(letter.repeat(longestName + 1))).toBe(`${letter.repeat(longestName - 1)}…`)
  }
})

test('A4.4 one visible letter among what is not unsafe is enough', () => {
  const letter = fc
    .integer({ min: 0x21, max: 0x10ffff })
    .map((at) => String.fromCodePoint(at))
    .filter((sign) => /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(sign) && !invisible.includes(sign))
    .filter((sign) => !/[\u{13442}\u{1d159}]/u.test(sign))
  const decorated = fc.array(fc.constantFrom(...invisible), { maxLength: 40 })
  fc.assert(
    fc.property(letter, decorated, decorated, (sign, before, after) => {
      expect(errorOf([...before, sign, ...after].join(''))).toBeUndefined()
    }),
    { numRuns },
  )
})

/** Letters of which Unicode makes two each. */
const longerInNormalForm = `!${'\u0958'.repeat(60)}`

test('A4.4 whatever a server sends is shown safely: what is no name is cut to one, and a name stays', () => {
  const cut = { seen: 0 }
  fc.assert(
    fc.property(
      fc.oneof(anything, fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 300 })),
      (name) => {
        const shown = shownName(name)
        if (shown !== name) cut.seen += 1
        expect(shownName(shown)).toBe(shown)
        expect(shown === '' ? undefined : nameError(shown)).toBeUndefined()
        expect(unsafe.some((sign) => shown.includes(sign) && sign.isWellFormed())).toBe(false)
        expect(shown.isWellFormed()).toBe(true)
        if (errorOf(name) === undefined) expect(shownName(normalizedName(name))).toBe(normalizedName(name))
        // One that its normal form alone makes too long is shown as it came, which is not.
        else if (nameError(name.trim()) !== undefined) expect(shown === '' || shown !== name).toBe(true)
        else expect(shown).toBe(name.trim())
      },
    ),
    { numRuns, examples: [[longerInNormalForm]] },
  )
  expect(cut.seen).toBeGreaterThan(0)
})

test('A4.4 a name that was drowned in what is not shown is looked for in the first 4,000 characters', () => {
  expect(shownName(`${'\0'.repeat(3_000)}Ann`)).toBe('Ann')
  expect(shownName('\u202e'.repeat(1_000_000))).toBe('')
})

const noNames = [
  '\u3164',
  '\u200b\u00ad',
  '\u2800',
  '\u0301',
  'Ann\u202egnp',
  'Ann\u2029Lee',
  'x'.repeat(101),
]

test('A4.4 C5.5 a caller whose name is none is told what is wrong with it, and nobody is called', async () => {
  const server = await startInProcessServer()
  await settle(server, ann)
  const place = async (from: string) => {
    const response = await post(server, '/api/calls', { to: 'ann', from }, callerOf(server).authorization)
    return { status: response.status, body: await response.json() }
  }
  for (const from of noNames)
    expect(await place(from)).toMatchObject({
      status: 400,
      body: { error: 'bad-request', message: expect.stringMatching(/^from: (Leave|A name) .+\.$/) },
    })
  const db = await server.db()
  expect(await db.selectFrom('call').select('id').execute()).toEqual([])
  expect(await place(' Dr Zoe\u0308 ')).toMatchObject({ status: 201, body: { from: 'Dr Zoë' } })
  expect((await place('😀'.repeat(100))).status).toBe(201)
})

test('A4.4 what a person or an issuer gives for a name is held to the same rule', () => {
  for (const name of noNames) {
    expect(personErrors({ username: 'ann', name, password: 'Ann-password-1' }).name).toBeDefined()
    expect(issuerProfileOf({ sub: '1', name, emailVerified: false }).name).toBeNull()
  }
})

test('A4.4 who comes from an issuer without a name is called by their address, as much of it as a name has', async () => {
  const db = await openTestDatabase(temporaryFolder())
  const policy = { issuer: 'https://issuer.example', name: 'Issuer', domains: ['clinic.example'] }
  const email = `${'x'.repeat(120)}@clinic.example`
  const claims = { sub: '1', name: '\u200b', email, emailVerified: true }
  await resolvePerson(db, policy, claims, { address: '127.0.0.1', label: '' }, 1)
  const made = await db.selectFrom('user').select(['name', 'email']).execute()
  expect(made).toEqual([{ name: `${'x'.repeat(99)}…`, email }])
})

test('A4.4 S1.3 the name for the issuer’s button is one too', () => {
  const config = (name: string) =>
    readConfig({ OPENID_CLIENT_ID: 'reachable', OPENID_NAME: name, OPENID_CLIENT_SECRET: 'hush' }).openId
      ?.name
  expect(config(' Zoe\u0308 ')).toBe('Zoë')
  for (const name of ['\u202eClinic', '\u3164', 'x'.repeat(41)])
    expect(() => config(name)).toThrow('OPENID_NAME must be a name of at most 40 characters')
})

test('A4.4 a call is not lost by what its caller is called: the device reads the frame, and shows what it can', () => {
  const from = (name: string) => {
    const call = { id: 'a', from: name, at: 1, ringsFor: 45_000 }
    const parsed = parseServerMessage(JSON.stringify({ type: 'ring', call }))
    return parsed.kind === 'message' && parsed.message.type === 'ring' ? parsed.message.call.from : parsed
  }
  expect(from('Dr Bell')).toBe('Dr Bell')
  expect(from('\u202eDr\0 Bell\n')).toBe('Dr  Bell')
  expect(from('\u3164')).toBe('')
  expect(from('x'.repeat(5_000))).toBe(`${'x'.repeat(99)}…`)
})
