import { expect, test } from 'vitest'
import { timeUntilAllowed } from '../../../server/accounts/request-rate-limit.ts'
import { getPage, sendForm, textOf } from '../support/html-pages.ts'
import { type InProcessServer, startInProcessServer } from '../support/in-process-server.ts'
import { expectNoMailTo, linkIn, mailsTo } from '../support/mailbox.ts'
import { ann, ben, settle } from '../support/people.ts'

const hour = 3_600_000

const ask = (server: InProcessServer, login: string, from = '10.0.0.1') =>
  sendForm(server, '/password/forgot', { login }, { 'x-forwarded-for': from })

const started = async () => {
  const server = await startInProcessServer({ env: { TRUST_PROXY: '1' } })
  await settle(server, ann, ben)
  return server
}

test('W2.1 a person asks by username or email, in any case, and gets one mail with their username and a link', async () => {
  const server = await started()
  expect(await textOf(await getPage(server, '/password/forgot'))).toContain('enter your email or username')
  const answer = await ask(server, '  BEN.b-1 ')
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/password/forgot/sent?language=en'])
  expect(await textOf(await getPage(server, '/password/forgot/sent'))).toContain('Look into your mailbox')
  const [mail] = await mailsTo(server, ben.email)
  expect(mail?.text).toContain('Ben.B-1')
  expect((await getPage(server, linkIn(mail ? [mail] : []))).status).toBe(200)
  await ask(server, 'BEN@clinic.example')
  await mailsTo(server, ben.email, 2)
  await expectNoMailTo(server, ann.email)
})

test('W2.2 what is answered does not tell whether there is such a person', async () => {
  const server = await started()
  const answers = []
  for (const login of ['ann', 'nobody', 'nobody@clinic.example', 'not a name at all', '" or 1=1 --']) {
    const answer = await ask(server, login)
    const { date: _, ...headers } = Object.fromEntries(answer.headers)
    answers.push({ status: answer.status, headers, body: await answer.text() })
  }
  for (const answer of answers) expect(answer).toEqual(answers[0])
  await mailsTo(server, ann.email)
  const db = await server.db()
  await expect.poll(() => db.selectFrom('mail').select('to').execute()).toEqual([{ to: ann.email }])
})

test('W2.2 the answer takes the same time, whether or not there is such a person', async () => {
  const server = await started()
  const times: Record<string, number[]> = { ann: [], nobody: [] }
  // Turn by turn, so that whatever else slows the machine down slows both alike; the limits are kept away.
  for (let round = 0; round < 60; round += 1) {
    for (const login of round % 2 ? ['ann', 'nobody'] : ['nobody', 'ann']) {
      const began = performance.now()
      expect((await ask(server, login, `10.0.${round}.1`)).status).toBe(303)
      times[login]?.push(performance.now() - began)
    }
    if (round % 5 === 4) server.clock.advance(hour)
  }
  const median = (list: number[] = []) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
  expect(Math.abs(median(times.ann) - median(times.nobody))).toBeLessThan(
    Math.max(3, 0.5 * median(times.nobody)),
  )
}, 60_000)

test('W2.4 five times an hour for what was typed, whether it is anybody or not, and then politely no more', async () => {
  const server = await started()
  for (const [index, login] of ['ann', 'nobody'].entries()) {
    for (let n = 0; n < 5; n += 1) expect((await ask(server, login, `10.${index}.0.${n}`)).status).toBe(303)
    const refused = await ask(server, ` ${login.toUpperCase()}`, `10.${index}.1.1`)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_500)
    expect(await textOf(refused)).toContain('Please try again in 60 minutes.')
  }
  server.clock.advance(hour)
  expect((await ask(server, 'ann')).status).toBe(303)
})

test('W2.4 twenty times an hour from one address, whoever is asked for', async () => {
  const server = await started()
  for (let n = 0; n < 20; n += 1) expect((await ask(server, `nobody-${n}`)).status).toBe(303)
  expect((await ask(server, 'ann')).status).toBe(429)
  expect((await ask(server, 'ann', '10.0.0.2')).status).toBe(303)
})

test('W2.4 a person gets five links an hour, however they are named, and nobody is told', async () => {
  const server = await started()
  for (let n = 0; n < 4; n += 1)
    for (const login of ['ann', ann.email]) expect((await ask(server, login, `10.0.0.${n}`)).status).toBe(303)
  await ask(server, 'Ben.B-1')
  await mailsTo(server, ben.email)
  const db = await server.db()
  const anns = db.selectFrom('user').select('id').where('email', '=', ann.email)
  expect(await db.selectFrom('link').select('kind').where('userId', 'in', anns).execute()).toHaveLength(5)
})

test('W2.7 the count survives a restart', async () => {
  const server = await started()
  for (let n = 0; n < 5; n += 1) await ask(server, 'ann', `10.0.0.${n}`)
  await server.close()
  const again = await startInProcessServer({ env: { TRUST_PROXY: '1' }, dataDir: server.dataDir })
  expect((await ask(again, 'ann', '10.0.0.9')).status).toBe(429)
})

test('W2.7 how long to wait is counted from the oldest of the last few, whatever the clock does', () => {
  expect(timeUntilAllowed([], 5, 1_000)).toBe(0)
  expect(timeUntilAllowed([10, 20, 30, 40], 5, 50)).toBe(0)
  expect(timeUntilAllowed([10, 20, 30, 40, 50], 5, 60)).toBe(10 + hour - 60)
  expect(timeUntilAllowed([10, 20, 30, 40, 50], 5, 10 + hour)).toBe(0)
  expect(timeUntilAllowed([10, 20, 30, 40, 50, 60], 5, 70)).toBe(20 + hour - 70)
  expect(timeUntilAllowed(Array(5).fill(1e12), 5, 60)).toBe(hour)
})

test('W2.9 nothing, and far too much, is told beside the field, and what was typed is still there', async () => {
  const server = await started()
  const nothing = await ask(server, '  ')
  expect(nothing.status).toBe(422)
  const page = await nothing.text()
  expect(page).toContain('role="alert"')
  expect(page).toContain('aria-invalid="true"')
  expect(page).toContain('aria-describedby="login-error"')
  expect(page).toContain('<title>Error: Forgot your password? – Reachable</title>')
  const long = await ask(server, 'x'.repeat(10_000))
  expect(long.status).toBe(422)
  expect(await long.text()).toContain('x'.repeat(10_000))
})

test('W2.10 a page speaks the language that the browser asks for, and a mail the one that its person chose', async () => {
  const server = await started()
  const db = await server.db()
  await db.updateTable('user').set({ language: 'es' }).where('email', '=', ben.email).execute()
  const french = { 'accept-language': 'fr-CA, fr;q=0.9, en;q=0.5' }
  const page = await (await getPage(server, '/password/forgot', french)).text()
  expect(page).toContain('<html lang="fr">')
  expect(page).toContain('Mot de passe oublié')
  await sendForm(server, '/password/forgot', { login: 'ann' }, french)
  await sendForm(server, '/password/forgot', { login: ben.email }, french)
  expect((await mailsTo(server, ann.email))[0]?.subject).toBe('Choisissez un nouveau mot de passe')
  expect((await mailsTo(server, ben.email))[0]?.subject).toBe('Elija una contraseña nueva')
})
