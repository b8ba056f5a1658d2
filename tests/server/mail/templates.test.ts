import { simpleParser } from 'mailparser'
import { expect, test } from 'vitest'
import { type Language, languageFor, languages } from '../../../server/locales/language.ts'
import { renderHtml, renderText } from '../../../server/mail/mail-template.ts'
import { mailTemplates } from '../../../server/mail/templates.ts'

const ann = { name: 'Ann Able', username: 'ann' }
const url = 'https://reachable.example/password/reset/abc'
const at = Date.UTC(2026, 0, 2, 3, 4, 5)

const address = '2001:db8::7'

/** Of the operator an address is all that is known. */
const toOperator = new Set(['apiKeyCreated', 'apiKeyRevoked', 'apiKeyMisused', 'diskLow'])

const everyTemplate = (language: Language, who = ann) => {
  const templates = mailTemplates(language, 'reachable.example')
  return {
    reset: templates.reset(who, url),
    changed: templates.changed(who, at, url),
    invitation: templates.invitation(who, url),
    signUp: templates.signUp(who, url),
    known: templates.known(who, url),
    missed: templates.missed(who, [{ at }]),
    expected: templates.expected(who, [{ at }, { at, from: 'Dr Bell' }]),
    unread: templates.unread(who, [{ messages: 2, from: 'Ben' }, { messages: 1 }]),
    tokenTried: templates.tokenTried(who, { at, address, device: 'Firefox on Linux' }, url),
    issuerLinked: templates.issuerLinked(who, { at, address, issuer: 'Google' }),
    accountAdded: templates.accountAdded(who, { at }, { forgot: url, start: 'https://reachable.example/' }),
    apiKeyCreated: templates.apiKeyCreated({ at, key: 'Ward 3', scope: 'scim' }),
    apiKeyRevoked: templates.apiKeyRevoked({ at, key: 'Ward 3' }),
    apiKeyMisused: templates.apiKeyMisused({ at, address, key: 'Ward 3' }),
    diskLow: templates.diskLow({ at, free: 123 * 1_048_576 }),
  }
}

test.each(languages)('M3.1 text and HTML of every mail say the same, in %s', async (language) => {
  for (const [kind, mail] of Object.entries(everyTemplate(language))) {
    const text = renderText(mail)
    const html = renderHtml(mail, language)
    expect(html).toContain(`<html lang="${language}">`)
    const read = await simpleParser(`Content-Type: text/html; charset=utf-8\r\n\r\n${html}`)
    const oneLine = (said = '') => said.replaceAll(/\s+/g, ' ')
    for (const part of [mail.greeting, mail.footer, ...mail.parts.flatMap(saidBy)]) {
      expect(oneLine(read.text), kind).toContain(oneLine(part))
      expect(oneLine(text), kind).toContain(oneLine(part))
    }
    if (!toOperator.has(kind)) expect(text).toContain('Ann Able')
    expect(html).not.toMatch(/<(img|link|script)/)
  }
})

type Part = ReturnType<typeof everyTemplate>['reset']['parts'][number]

const saidBy = (part: Part): string[] => {
  switch (part.kind) {
    case 'text':
    case 'note':
      return [part.text]
    case 'fact':
      return [part.value]
    case 'list':
      return [...part.items]
    case 'button':
      return [part.label, part.url]
  }
}

test.each(languages)(
  'M3.2 a reset mail names the username, the link, its 24 hours and that it may be ignored, in %s',
  (language) => {
    const text = renderText(mailTemplates(language, 'reachable.example').reset(ann, url))
    expect(text).toMatch(/: ann$/m)
    expect(text).toContain(`\n${url}\n`)
    expect(text).toContain('24')
    expect(text).toMatch(/ignor/i)
  },
)

test.each(languages)(
  'M3.5 a mail about security says what happened, when, from which address, and what to do, in %s',
  (language) => {
    const { tokenTried, issuerLinked, accountAdded } = everyTemplate(language)
    const when = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'long' }).format(at)
    for (const mail of [tokenTried, issuerLinked]) {
      expect(renderText(mail)).toContain(`: ${address}\n`)
      expect(renderText(mail)).toContain(when.replaceAll(/\s+/g, ' '))
      expect(renderText(mail)).toMatch(/: ann$/m)
    }
    expect(renderText(tokenTried)).toMatch(/: \S+\s?Firefox on Linux/)
    expect(renderText(tokenTried)).toContain(`\n${url}\n`)
    expect(issuerLinked.subject).toContain('Google')
    expect(renderText(accountAdded)).toContain('reachable.example')
    expect(renderText(accountAdded)).toMatch(/: ann$/m)
    expect(renderText(accountAdded)).toContain(`\n${url}\n`)
    expect(renderText(accountAdded)).toContain('https://reachable.example/')
  },
)

test.each(languages)('M3.6 the operator reads which key, when, and what to do, in %s', (language) => {
  const { apiKeyCreated, apiKeyRevoked, diskLow } = everyTemplate(language)
  for (const mail of [apiKeyCreated, apiKeyRevoked]) {
    expect(renderText(mail)).toContain('Ward 3')
    expect(renderText(mail)).toContain('npm run audit')
  }
  expect(renderText(apiKeyCreated)).toContain('SCIM')
  expect(renderText(diskLow)).toMatch(/: 123\s(MB|Mo)$/m)
  expect(renderText(diskLow)).toContain('npm run doctor')
})

test('M3.4 what a browser or an operator wrote stands in quotation marks, on one line of a mail', () => {
  const device = 'Firefox\nFrom the address: 192.0.2.1\u202e\u0000'
  const mail = mailTemplates('en', 'x').tokenTried(ann, { at, address, device }, url)
  expect(renderText(mail)).toContain('“Firefox From the address: 192.0.2.1”\n')
  expect(renderText(mail).match(/^From the address/gm)).toHaveLength(1)
})

test('M3.1 each mail is written in each language', () => {
  const subjects = languages.flatMap((language) =>
    Object.values(everyTemplate(language)).map(({ subject }) => subject),
  )
  expect(new Set(subjects).size).toBe(subjects.length)
})

test('M3.4 HTML in a name stays text, and a name cannot break a line of its own into a mail', () => {
  const who = { name: '<img src=x onerror=alert(1)> "Ann"', username: 'a<b>' }
  const mail = mailTemplates('en', 'reachable.example').reset(who, url)
  expect(renderHtml(mail, 'en')).not.toMatch(/<img|<b>/)
  const missed = mailTemplates('en', 'x').missed(ann, [
    { at, from: 'Dr Bell\n\nYour account is closed: evil.example' },
  ])
  expect(renderText(missed)).not.toMatch(/^Your account/m)
})

test('M5.3 a mail about missed calls names callers only where it may, and ten calls at most', () => {
  const templates = mailTemplates('en', 'reachable.example')
  const named = renderText(templates.missed(ann, [{ at, from: 'Dr Bell' }]))
  expect(named).toContain('Dr Bell')
  expect(renderText(templates.missed(ann, [{ at }]))).not.toContain('Dr Bell')
  const many = templates.missed(
    ann,
    Array.from({ length: 12 }, (_, n) => ({ at: at + n })),
  )
  expect(many.subject).toBe('You missed 12 calls')
  expect(renderText(many).match(/^\* /gm)).toHaveLength(11)
  expect(renderText(many)).toContain('and 2 more')
})

test('W2.10 a person is written to in their own language, or what their browser asks for, or English', () => {
  expect(languageFor('fr', 'de')).toBe('fr')
  expect(languageFor('de-AT')).toBe('de')
  expect(languageFor(null, 'nl, es-MX;q=0.8, de;q=0.9')).toBe('de')
  expect(languageFor(null, 'de;q=0, fr')).toBe('fr')
  expect(languageFor('xx', '*')).toBe('en')
  expect(languageFor(null, `${'x,'.repeat(100_000)}de`)).toBe('en')
  expect(languageFor(null)).toBe('en')
})

test.each([
  ['FR-ca', 'fr'],
  ['en-GB;q=0.1,\tDE-at ; Q=0.5', 'de'],
  ['de, en;q=0.9', 'de'],
  ['de;q=0.9, fr;q=0.9', 'de'],
  ['de;q=0.000, es;q=0.001', 'es'],
  ['de;q=0, *', 'en'],
  ['*, es;q=0.5', 'es'],
  ['nl-BE, x-klingon, i-default', 'en'],
  ['de;level=1;q=0.2, fr;q=0.3', 'fr'],
  ['de;q="0.2", fr;q="0.3"', 'fr'],
  ['de;q=-1, fr', 'fr'],
  [';;q=1,,=,"', 'en'],
  ['de_AT, dee, d', 'en'],
  [`fr, ${'de;q=1,'.repeat(10_000)}`, 'fr'],
  [`${'nl, '.repeat(300)}de`, 'en'],
])(
  'W2.10 of the languages that a browser asks for (%.40s) the best that we have is taken',
  (header, language) => {
    expect(languageFor(null, header)).toBe(language)
  },
)
