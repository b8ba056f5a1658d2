import { expect, test } from 'vitest'
import { closeCodes } from '../../../protocol/close-codes.ts'
import { signIn, trySignIn } from '../support/api-client.ts'
import { getPage, sendForm, textOf } from '../support/html-pages.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { linkIn, mailsTo } from '../support/mailbox.ts'
import { addPeople, ann, sessionOf } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'
import { openAccount } from './at-account.ts'

const next = 'New-lantern-1'

async function annAtHome() {
  const server = await startInProcessServer()
  await addPeople(server.dataDir, ann)
  const token = await sessionOf(server, ann, 'device-1')
  const pages = await openAccount(server, token)
  const change = (old: string, password = next, again = password) =>
    pages.sendForm('/account/password', { old, password, again })
  return { server, token, pages, change }
}

test('W8.1 whoever knows the old password chooses a new one, and logs in with it', async () => {
  const { server, pages, change } = await annAtHome()
  expect(await textOf(await pages.getPage('/account/password'))).toContain('Your password now')
  const answer = await change(ann.password)
  expect(answer.headers.get('location')).toBe('/account')
  expect(await textOf(await pages.getPage())).toContain('Your password is changed.')
  expect((await trySignIn(server, { login: 'ann', password: ann.password })).status).toBe(401)
  expect((await signIn(server, { username: 'ann', password: next })).account.email).toBe(ann.email)
})

test('W8.2 A8.16 it signs every other device out within a second, and not this one', async () => {
  const { server, token, change } = await annAtHome()
  const here = await connectDevice(server.url, token, 'device-1')
  const others = []
  for (const device of ['device-2', 'device-3'])
    others.push(await connectDevice(server.url, await sessionOf(server, ann, device), device))
  await change(ann.password)
  const told = performance.now()
  for (const other of others) expect((await other.closed()).code).toBe(closeCodes.passwordChanged.code)
  expect(performance.now() - told).toBeLessThan(1_000)
  await here.lease()
})

test('W8.1 a mail tells the person, and links that were mailed before are over', async () => {
  const { server, change } = await annAtHome()
  await sendForm(server, '/password/forgot', { login: 'ann' })
  const link = linkIn(await mailsTo(server, ann.email))
  await change(ann.password)
  const mails = await mailsTo(server, ann.email, 2)
  expect(mails.map(({ subject }) => subject)).toContain('Your password was changed')
  expect((await getPage(server, link)).status).toBe(410)
})

test('W2.9 what is wrong is said beside its field, and changes nothing', async () => {
  const { server, change } = await annAtHome()
  const refused = [
    { given: ['', next], field: 'old', words: 'Enter the password you have now.' },
    { given: ['not mine', next], field: 'old', words: 'This is not your password.' },
    { given: [ann.password, ''], field: 'password', words: 'Enter a new password.' },
    {
      given: [ann.password, 'short'],
      field: 'password',
      words: 'The password does not have all that it needs.',
    },
    { given: [ann.password, 'Aa0!\0aaaa'], field: 'password', words: 'control characters' },
    { given: [ann.password, next, 'other'], field: 'password', words: 'The two passwords are not the same.' },
    { given: [ann.password, ann.password], field: 'password', words: 'This is your password already.' },
  ]
  for (const { given, field, words } of refused) {
    const [old = '', ...rest] = given
    const answer = await change(old, ...(rest as [string]))
    const error = new RegExp(`id="${field}-error">([^<]*)<`).exec(await answer.text())?.[1]
    expect([answer.status, error]).toEqual([422, expect.stringContaining(words)])
  }
  expect((await signIn(server, ann)).account.email).toBe(ann.email)
})

test('W7.2 sent twice by an impatient finger it is changed, and both are told so', async () => {
  const { pages, change } = await annAtHome()
  const answers = await Promise.all([change(ann.password), change(ann.password)])
  await pages.getPage()
  const late = await change(ann.password)
  expect(late.headers.get('location')).toBe('/account')
  expect(await textOf(await pages.getPage())).toContain('Your password is changed.')
  expect(answers.map(({ status }) => status)).toEqual([303, 303])
})

test('W8.6 of two tabs that choose different ones at once, the one that was refused is told', async () => {
  const { server, change } = await annAtHome()
  const wishes = ['First-choice-1', 'Second-choice-2']
  const answers = await Promise.all(wishes.map((wish) => change(ann.password, wish)))
  const taken = wishes.filter((_, index) => answers[index]?.status === 303)
  expect(taken).toHaveLength(1)
  const refused = answers.find(({ status }) => status !== 303)
  expect([refused?.status, await refused?.text()]).toEqual([
    422,
    expect.stringContaining('This is not your password.'),
  ])
  expect((await signIn(server, { username: 'ann', password: taken[0] ?? '' })).token).toBeTruthy()
})

test('W8.7 whoever guesses the old one has to wait, longer each time, even with the right one', async () => {
  const { server, change } = await annAtHome()
  for (let n = 0; n < 5; n += 1) expect((await change(`guess ${n}`)).status).toBe(422)
  const refused = await change(ann.password)
  // Hashing takes its time, and on a busy machine a part of the five seconds.
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([
    429,
    expect.stringMatching(/^[1-5]$/),
  ])
  expect(await textOf(refused)).toMatch(/Too many wrong passwords\. Try again in \d seconds?\./)
  server.clock.advance(5_000)
  expect((await change(ann.password)).status).toBe(303)
})

test('W8.7 others at the address, and at another device of the same person, keep nobody from it', async () => {
  const { server, change } = await annAtHome()
  const elsewhere = await openAccount(server, await sessionOf(server, ann, 'device-2'), 'device-2')
  const guess = (old: string) =>
    elsewhere.sendForm('/account/password', { old, password: next, again: next }).then(({ status }) => status)
  const guesses = Array.from({ length: 25 }, (_, n) => ({ login: `name-${n}`, password: 'x', device: 'd' }))
  await Promise.all(guesses.map((login) => trySignIn(server, login)))
  for (let n = 0; n < 6; n += 1) await guess(`guess ${n}`)
  expect(await guess(ann.password)).toBe(429)
  expect((await change(ann.password)).status).toBe(303)
})

/** Some sixty passwords are hashed in it, which takes a busy machine its time, in ms. */
const manyHashes = 60_000

test(
  'W8.7 whoever can have ever new sessions has not ever new guesses, and a reset forgives them',
  async () => {
    const { server, change } = await annAtHome()
    const guessAnew = async (session: number, guesses = 5) => {
      const device = `new-${session}`
      const pages = await openAccount(server, await sessionOf(server, ann, device), device)
      const typed = Array.from({ length: guesses }, (_, n) => ({
        old: `guess ${n}`,
        password: next,
        again: next,
      }))
      const answers = await Promise.all(typed.map((fields) => pages.sendForm('/account/password', fields)))
      return answers.map(({ status }) => status)
    }
    const all = []
    for (let session = 0; session < 5; session += 1) all.push(...(await guessAnew(session)))
    expect(all.filter((status) => status === 422)).toHaveLength(20)
    for (const [n, seconds] of [5, 10, 20].entries()) {
      server.clock.advance(seconds * 1_000)
      expect(await guessAnew(5 + n, 1)).toEqual([422])
    }
    expect((await change(ann.password)).status).toBe(429)
    await sendForm(server, '/password/forgot', { login: 'ann' })
    await sendForm(server, linkIn(await mailsTo(server, ann.email)), { password: next, again: next })
    const pages = await openAccount(server, await sessionOf(server, ann, 'device-1'))
    const fields = { old: next, password: 'Other-lantern-2', again: 'Other-lantern-2' }
    expect((await pages.sendForm('/account/password', fields)).status).toBe(303)
  },
  manyHashes,
)

test('W4.2 emoji, quotes and a pasted line break are no trouble', async () => {
  const { server, pages } = await annAtHome()
  const odd = 'Aa0 "😀\'<>%00'
  const fields = { old: `${ann.password}\r\n`, password: `${odd}\n`, again: odd }
  expect((await pages.sendForm('/account/password', fields)).status).toBe(303)
  expect((await signIn(server, { username: 'ann', password: odd })).account.email).toBe(ann.email)
})

test('Y1.8 changes and refusals are on record, without any password', async () => {
  const { server, change } = await annAtHome()
  await change('not mine')
  await change(ann.password)
  const db = await server.db()
  const rows = await db
    .selectFrom('audit')
    .selectAll()
    .where('what', 'like', 'password-%')
    .orderBy('id')
    .execute()
  expect(rows.map(({ what }) => what)).toEqual(['password-refused', 'password-changed'])
  const text = JSON.stringify(rows)
  for (const secret of ['not mine', ann.password, next]) expect(text).not.toContain(secret)
})
