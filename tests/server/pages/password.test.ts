import fc from 'fast-check'
import { expect, test } from 'vitest'
import { brokenRules, normalizedPassword } from '../../../server/accounts/password-rule.ts'
import { signIn, trySignIn } from '../support/api-client.ts'
import { sendForm, textOf } from '../support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { linkIn, mailsTo } from '../support/mailbox.ts'
import { ann, settle } from '../support/people.ts'

const started = async (): Promise<[InProcessServer, string]> => {
  const server = await startInProcessServer()
  await settle(server, ann)
  await sendForm(server, '/password/forgot', { login: 'ann' })
  return [server, linkIn(await mailsTo(server, ann.email))]
}

const reset = (server: InProcessServer, link: string, password: string, again = password) =>
  sendForm(server, link, { password, again })

test('W4.1 a new password has A–Z, a–z, 0–9 and one other character, and 8 to 128 characters in all', () => {
  expect(brokenRules('')).toEqual(['capital', 'small', 'digit', 'other', 'long-enough'])
  expect(brokenRules('Aa0😀😀😀😀')).toEqual(['long-enough'])
  expect(brokenRules('Aa0😀😀😀😀😀')).toEqual([])
  expect(brokenRules(`Aa0${'😀'.repeat(125)}`)).toEqual([])
  expect(brokenRules(`Aa0${'😀'.repeat(126)}`)).toEqual(['not-too-long'])
  for (const other of ['!', ' ', 'é', '"', "'", '\\', '٣', '漢', '\u{1F600}'])
    expect(brokenRules(`Aa0aaaa${other}`), other).toEqual([])
})

test('W4.2 a password is kept as it was typed, but for line breaks at its end, and composed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (typed) => {
      const kept = normalizedPassword(typed)
      expect(normalizedPassword(kept)).toBe(kept)
      if (!/[\r\n]$/.test(typed)) expect(kept).toBe(typed.normalize('NFC'))
    }),
  )
  expect(normalizedPassword(' Aa0-aaaa \r\n\n')).toBe(' Aa0-aaaa ')
  expect(normalizedPassword('\nAa0-\naaaa')).toBe('\nAa0-\naaaa')
})

test.each([
  ['quotes and backslashes', `Aa0 '"\`\\;--%s`],
  ['emoji', 'Aa0👩‍👩‍👧😀😀'],
  ['spaces at both ends', '  Aa0-aaaa  '],
  ['HTML', 'Aa0<b>&amp;</b>'],
  ['128 emoji and letters', `Aa0${'😀'.repeat(125)}`],
])('W4.2 a password may have %s, and logs in as it was typed', async (_, password) => {
  const [server, link] = await started()
  expect((await reset(server, link, password)).status).toBe(303)
  expect((await signIn(server, { username: 'ann', password })).account.username).toBe('ann')
  expect((await trySignIn(server, { login: 'ann', password: `${password} ` })).status).toBe(401)
})

test('W4.2 line breaks that were pasted along are left out, and the password logs in without them', async () => {
  const [server, link] = await started()
  expect((await reset(server, link, 'Correct-horse-9\r\n', 'Correct-horse-9')).status).toBe(303)
  expect((await signIn(server, { username: 'ann', password: 'Correct-horse-9' })).account.username).toBe(
    'ann',
  )
})

test('W4.2 the same letter typed on another keyboard is the same password', async () => {
  const [server, link] = await started()
  expect((await reset(server, link, 'Ünter-den-Linden-9'.normalize('NFD'))).status).toBe(303)
  for (const form of ['NFC', 'NFD'])
    expect(
      (await trySignIn(server, { login: 'ann', password: 'Ünter-den-Linden-9'.normalize(form) })).status,
    ).toBe(200)
})

test.each([
  ['a NUL', 'Correct\0horse-9'],
  ['a tab', 'Correct\thorse-9'],
  ['a line break within', 'Correct\nhorse-9'],
])('W4.6 %s in a password is refused in plain words', async (_, password) => {
  const [server, link] = await started()
  const refused = await reset(server, link, password)
  expect([refused.status, await textOf(refused)]).toEqual([
    422,
    expect.stringContaining('A password cannot have control characters in it'),
  ])
})

test('W4.6 the server says which rules a password breaks, beside the field, and does not send it back', async () => {
  const [server, link] = await started()
  const refused = await reset(server, link, 'secretsecret')
  const page = await refused.clone().text()
  expect(refused.status).toBe(422)
  expect(page).not.toContain('secretsecret')
  expect(page).toContain('aria-describedby="password-error needs"')
  const words = await textOf(refused)
  expect(words).toContain('a capital letter, A–Z (still missing)')
  expect(words).toContain('a small letter, a–z (done)')
  expect(words).toContain('a digit, 0–9 (still missing)')
  expect(words).toContain('8 to 128 characters in all (done)')
  for (const [password, again, said] of [
    ['', '', 'Enter a new password.'],
    ['Correct-horse-9', 'correct-horse-9', 'The two passwords are not the same.'],
    [`Aa0-${'x'.repeat(10_000)}`, undefined, '8 to 128 characters in all (still missing)'],
  ] as const)
    expect(await textOf(await reset(server, link, password, again))).toContain(said)
  expect((await reset(server, link, 'Correct-horse-9')).status).toBe(303)
})

test.each([
  ['en', 'common password, word or name with something added'],
  ['de', 'verbreitetes Passwort, ein Wort oder ein Name mit etwas daran'],
  ['fr', 'mot de passe courant, un mot ou un nom avec un ajout'],
  ['es', 'una contraseña, una palabra o un nombre comunes con algo añadido'],
])(
  'W4.9 W4.6 a page says in words that help why a password is easy to guess: %s',
  async (language, words) => {
    const [server, link] = await started()
    const send = (password: string) =>
      sendForm(server, link, { password, again: password }, { 'accept-language': language })
    const refused = await send('Password1!')
    const page = await refused.clone().text()
    expect([refused.status, page.includes('Password1!')]).toEqual([422, false])
    expect(page).toContain('aria-describedby="password-error needs"')
    expect(await textOf(refused)).toContain(words)
    expect((await send('Ann-Able-2026!')).status).toBe(422)
    expect((await send('Correct-horse-9')).status).toBe(303)
  },
)
