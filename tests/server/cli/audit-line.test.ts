import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ReadEntry } from '../../../server/accounts/read-audit.ts'
import { auditJson, auditLine } from '../../../server/cli/audit-line.ts'
import { offsetText, secondText } from '../../../server/cli/local-time.ts'

const entry: ReadEntry = {
  id: 1,
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
  what: 'signed-in',
  who: 'id-1',
  login: null,
  address: '10.0.0.7',
  device: 'd-1',
  label: 'Firefox',
  detail: '{}',
  username: 'ann',
  email: 'ann@clinic.example',
}

/** By the zone of this machine. */
const time = `${secondText(entry.at)}${offsetText(entry.at)}`

const line = (change: Partial<ReadEntry>) => auditLine({ ...entry, ...change })

test('Y2.1 an entry is a line: time, what, who, what else there is, from where', () => {
  const detail = JSON.stringify({
    by: 'password',
    staySignedIn: true,
    changed: ['name', 'picture'],
    count: 3,
  })
  expect(line({ detail })).toBe(
    `${time}  signed-in             ann  by=password  staySignedIn=true  changed=name,picture  count=3  from 10.0.0.7  device d-1  "Firefox"`,
  )
  expect(line({ username: null })).toContain('  ann@clinic.example  from')
  expect(line({ username: null, email: null })).toContain('  (gone: id-1)  ')
  expect(line({ username: null, email: null, who: null, login: 'abc' })).toContain('  (nobody: abc)  ')
  expect(line({ username: null, email: null, who: null, address: null, device: null, label: null })).toBe(
    `${time}  signed-in             –`,
  )
})

test.each([
  ['x"  from 1.2.3.4', '"x\\" \\u{20}from 1.2.3.4"'],
  ['x”  why=right', '"x\\u{201d} \\u{20}why=right"'],
  ['two\r\nlines', '"two\\u{d}\\u{a}lines"'],
  ['\u001b[2J\u009b31m\u202eevil', '"\\u{1b}[2J\\u{9b}31m\\u{202e}evil"'],
  ['\u2028\u00a0\u3000\u200b\u3164', '"\\u{2028}\\u{a0}\\u{3000}\\u{200b}\\u{3164}"'],
  ['back\\slash', '"back\\\\slash"'],
  ['Über 7 Straßen', '"Über 7 Straßen"'],
  // Letters that run to the left would turn what stands after them round.
  ['אב', '"\\u{5d0}\\u{5d1}"'],
  ['ˮ', '"\\u{2ee}"'],
])('Y2.3 %j is printed as %s', (text, printed) => {
  expect(line({ label: text, address: null, device: null }).endsWith(`ann  ${printed}`)).toBe(true)
})

test('Y2.3 a detail is quoted where it could be taken for something else', () => {
  const detail = JSON.stringify({
    a: 'true',
    b: '3',
    c: '',
    d: 'x=y',
    e: ['p', 'q,r'],
    f: null,
    g: { h: 'i' },
  })
  expect(line({ detail })).toContain(
    '  a="true"  b="3"  c=""  d="x=y"  e="[\\"p\\",\\"q,r\\"]"  f=null  g="{\\"h\\":\\"i\\"}"  from ',
  )
})

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        '"',
        '\\',
        ' ',
        '  ',
        '\n',
        '\r',
        '\u2028',
        '=',
        'from',
        '10.0.0.1',
        'device',
        'x',
        '”',
        '\u202e',
        '\u0301',
        'א',
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join('')),
)

const read = fc.record({
  id: fc.constant(1),
  at: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  what: fc.constantFrom('signed-in', 'sign-in-refused', 'issuer-account-made'),
  who: fc.option(hostile),
  login: fc.option(hostile),
  address: fc.option(hostile),
  device: fc.option(hostile),
  label: fc.option(hostile),
  detail: fc
    .dictionary(
      fc.constantFrom('why', 'by', 'path', 'key', 'issuer'),
      fc.oneof(hostile, fc.boolean(), fc.integer(), fc.array(hostile, { maxLength: 3 })),
    )
    .map((detail) => JSON.stringify(detail)),
  username: fc.option(hostile),
  email: fc.option(hostile),
})

/** What stands in quotation marks, or as it is. */
function unquoted(printed: string): string {
  if (!printed.startsWith('"')) return printed
  expect(printed.endsWith('"')).toBe(true)
  const inner = printed.slice(1, -1)
  return inner.replaceAll(
    /\\(?:u\{([0-9a-f]+)\}|(.))/g,
    (_, hex: string | undefined, sign: string | undefined) =>
      hex === undefined ? (sign ?? '') : String.fromCodePoint(Number.parseInt(hex, 16)),
  )
}

test('Y2.3 whatever an entry holds, its line has its fields and no others, and says them exactly', () => {
  fc.assert(
    fc.property(read, (row) => {
      const printed = auditLine(row)
      expect(printed).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
      expect(Date.parse(printed.slice(0, 25).replace(' ', 'T'))).toBe(Math.floor(row.at / 1_000) * 1_000)
      expect(printed.slice(27, 47).trim()).toBe(row.what)
      const [who = '', ...fields] = printed.slice(49).split('  ')
      const name = row.username ?? row.email
      const nobody = row.who === null ? row.login : row.who
      if (name !== null) expect(unquoted(who)).toBe(name)
      else if (nobody === null) expect(who).toBe('–')
      else expect(unquoted(who.replace(/^\((gone|nobody): (.*)\)$/s, '$2'))).toBe(nobody)
      const expected: string[] = []
      const detail = JSON.parse(row.detail) as Record<string, unknown>
      for (const [key, value] of Object.entries(detail)) {
        const field = fields[expected.length] ?? ''
        expect(field.startsWith(`${key}=`)).toBe(true)
        const said = unquoted(field.slice(key.length + 1))
        if (typeof value === 'string') expect(said).toBe(value)
        else if (!Array.isArray(value)) expect(said).toBe(String(value))
        else if (field.includes('"')) expect(JSON.parse(said)).toEqual(value)
        else expect(said.split(',')).toEqual(value)
        expected.push(field)
      }
      for (const [lead, value] of [
        ['from ', row.address],
        ['device ', row.device],
        ['', row.label],
      ] as const) {
        if (value === null || (lead === '' && value === '')) continue
        const field = fields[expected.length] ?? ''
        expect(field.startsWith(lead)).toBe(true)
        expect(unquoted(field.slice(lead.length))).toBe(value)
        // What a browser says of itself always stands in quotation marks.
        if (lead === '') expect(field.startsWith('"')).toBe(true)
        expected.push(field)
      }
      expect(fields).toEqual(expected)
    }),
    { numRuns: 2_000 },
  )
})

test('Y2.3 as JSON an entry is exactly what is on record, and on one line', () => {
  fc.assert(
    fc.property(read, (row) => {
      const printed = auditJson(row)
      expect(printed).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
      const { at, detail, ...rest } = row
      expect(JSON.parse(printed)).toEqual({
        ...rest,
        at: new Date(at).toISOString(),
        detail: JSON.parse(detail),
      })
    }),
    { numRuns: 2_000 },
  )
})
