import { randomInt } from 'node:crypto'
import { dictionary } from '@zxcvbn-ts/language-common'
import { expect, test } from 'vitest'
import { randomPassword } from '../../../server/accounts/operator-accounts.ts'
import { brokenRules } from '../../../server/accounts/password-rule.ts'
import { weaknessOf } from '../../../server/accounts/password-strength.ts'

/** What is known of Ann and of where she is. */
const own = ['ann', 'Ann Able', 'ann.able@clinic.example', 'https://reach.north-clinic.example']

const weaknesses = (passwords: readonly string[]) =>
  Promise.all(passwords.map(async (password) => [password, await weaknessOf(password, own)]))

const all = (passwords: readonly string[], weakness: string | undefined) =>
  passwords.map((password) => [password, weakness])

test('W4.9 common passwords, words and names with something added are easy to guess', async () => {
  const common = [
    ...['Password1!', 'P@ssw0rd1', 'pASSWORD1!', '1!Password', 'Pass-word-1', 'Welcome@2024', 'Iloveyou2!'],
    ...[
      'Sommer2026!',
      'Passwort123$',
      'Geheim-07',
      'Januar2026!',
      'Schalke04!',
      'Krankenhaus1!',
      'Berlin2024!',
    ],
    ...['Motdepasse1!', 'Bonjour123!', 'Soleil2026!', 'Contraseña1!', 'Verano2026!', 'Hola1234!'],
    ...['Constructor1!', 'New-password-1'],
  ]
  expect(await weaknesses(common)).toEqual(all(common, 'common'))
})

test('W4.9 rows of keys, repetitions, sequences and dates are easy to guess', async () => {
  for (const password of [
    'Qwertz123!',
    'Qwert-12345',
    'Azerty123!',
    '1qaz!QAZ2wsx',
    'Yxcvbnm1!',
    'Asdf!1234',
    'Aa123456!',
  ])
    expect([password, await weaknessOf(password, own)]).not.toEqual([password, undefined])
  const patterns = ['Aa1!Aa1!', 'Abababab1!', `Aa0 ${'x'.repeat(124)}`, 'Password1!'.repeat(12)]
  expect(await weaknesses(patterns)).toEqual(all(patterns, 'pattern'))
})

test('W4.9 the person’s own name, username and address, and the name of the place, count for nothing in a password', async () => {
  const theirs = [
    ...['Ann-Able-2026!', 'AnnAble1!', '@nn.4bl3!', 'Able!ann7', 'Ann.able@clinic.example1', 'Ànn-Äble-1'],
    ...['North-Clinic-1', 'Clinic-2026!', 'Reach.ann.1!'],
  ]
  expect(await weaknesses(theirs)).toEqual(all(theirs, 'own'))
  const good = ['Ann-likes-7-bananas!', 'The-north-7-battery-horse']
  expect(await weaknesses(good)).toEqual(all(good, undefined))
})

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)
const inSigns = (word: string) => word.replaceAll('a', '@').replaceAll('o', '0').replaceAll('e', '3')

test('W4.9 of the thousand most common passwords, made to keep the rules in four ways, at most one in a hundred gets through', async () => {
  const thousand = dictionary['passwords-common'].filter((word) => /[a-z]/.test(word)).slice(0, 1_000)
  const bent = thousand
    .flatMap((word) => [
      `${capital(word)}1!`,
      `${capital(word)}2026!`,
      `123$${capital(word)}`,
      `${inSigns(capital(word))}7.`,
    ])
    .filter((password) => brokenRules(password).length === 0)
  expect(bent.length).toBeGreaterThan(3_000)
  const through: string[] = []
  for (const password of bent) if (!(await weaknessOf(password))) through.push(password)
  console.info(`of ${bent.length} bent passwords ${through.length} get through: ${through.join(' ')}`)
  expect(through.length / bent.length).toBeLessThan(0.01)
}, 120_000)

const signs = Array.from({ length: 94 }, (_, n) => String.fromCharCode(33 + n)).join('')
const randomOf = (length: number): string => {
  for (;;) {
    const password = Array.from({ length }, () => signs[randomInt(signs.length)]).join('')
    if (brokenRules(password).length === 0) return password
  }
}
const dice = dictionary['diceware-common']
const word = () => dice[randomInt(dice.length)] ?? ''

test('W4.9 no random password and no passphrase is called easy to guess', async () => {
  const good = [
    ...['Correct-horse7 battery', 'Correct-horse-7', 'Evening-primrose-44', 'Ünter-den-Linden-9', 'kX7!pQ9z'],
    // Its letters are few, and two words by chance.
    'hi#,sh>;?CRU`d0^',
    ...Array.from({ length: 100 }, randomPassword),
    ...Array.from({ length: 300 }, (_, n) => randomOf(12 + (n % 9))),
    ...Array.from({ length: 200 }, () => `${capital(word())}-${word()}-${word()}${randomInt(10)}`),
  ]
  for (const password of good)
    expect([password, await weaknessOf(password, own)]).toEqual([password, undefined])
}, 60_000)

test('W4.9 however long and odd a password is, looking at it does not take long', async () => {
  const odd = [
    ...[
      '4@310$5!|a(<',
      'Aa1!',
      '01/02/',
      'qwertyuiop',
      'p@ssw0rd',
      '__proto__',
      'constructor',
      '\\/\\/',
      '😀',
      'e\u0301',
      '漢字',
    ],
    ...Array.from({ length: 9 }, () => randomOf(16)),
  ].map((part) => part.repeat(128).slice(0, 128))
  await weaknessOf('x')
  const times: number[] = []
  for (const password of [...odd, ...Array.from({ length: 20 }, () => randomOf(128))]) {
    const began = performance.now()
    await weaknessOf(password, own)
    times.push(performance.now() - began)
  }
  // Without a bound each takes seconds.
  expect(Math.max(...times)).toBeLessThan(1_000)
})
