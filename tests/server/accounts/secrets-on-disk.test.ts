import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { signInResponse } from '../../../protocol/http.ts'
import { hashOf } from '../../../server/accounts/secrets.ts'
import { linkIn, mailTo } from '../../support/mail/mail-to.ts'
import { startMailServer } from '../../support/mail/start-mail-server.ts'
import { runCommandOrThrow } from '../../support/server/run-command.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { accountLink, openAccount } from '../my-account/at-account.ts'
import { signInAtIssuer, spendCode } from '../openid/extension.ts'
import { withHostile } from '../openid/with-hostile.ts'
import { nurse, userSchema } from '../scim/clinic.ts'
import { endSession, post, signIn, trySignIn } from '../support/api-client.ts'
import { getPage, sendForm } from '../support/html-pages.ts'
import { addPeople, ann, ben } from '../support/people.ts'
import { connectDevice } from '../support/websocket-device.ts'

/**
 * Every file below a folder: the database, what it writes ahead, and whatever else is there. Another process copies
 * them: one that opens and closes a database of its own takes SQLite's locks away.
 */
function filesBelow(folder: string) {
  const copy = join(temporaryFolder(), 'copy')
  const copying = 'fs.cpSync(process.argv[1], process.argv[2], { recursive: true })'
  execFileSync(process.execPath, ['-e', copying, folder, copy])
  return readdirSync(copy, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => ({ name, bytes: readFileSync(join(parentPath, name)) }))
}

/** The ways in which a secret may stand in a file. */
function formsOf(secret: string): Buffer[] {
  const text = Buffer.from(secret)
  const forms = [
    text,
    text.toString('hex'),
    text.toString('base64').replace(/=+$/, ''),
    Buffer.from(secret, 'utf16le'),
  ]
  const random = secret.replace(/^reachable_/, '')
  // 32 random bytes as base64url, or what is longer.
  if (/^[\w-]{43,}$/.test(random)) {
    const raw = Buffer.from(random, 'base64url')
    forms.push(raw, raw.toString('hex'), raw.toString('base64').replace(/=+$/, ''))
  }
  return forms.map((form) => Buffer.from(form))
}

const filesWith = (dataDir: string, text: string) =>
  filesBelow(dataDir)
    .filter(({ bytes }) => bytes.includes(text))
    .map(({ name }) => name)

/** Looks for all secrets that were told so far, wherever the server keeps anything. */
function watch(dataDir: string) {
  const secrets = new Map<string, string>()
  return {
    /** What `name` is called in a failure. @returns the secret. */
    told(name: string, secret: string | null | undefined): string {
      if (!secret || secret.length < 8) throw new Error(`${name} is no secret: ${secret}`)
      secrets.set(name, secret)
      return secret
    },
    async look(after: string) {
      const files = filesBelow(dataDir)
      expect(files.map(({ name }) => name)).toContain('reachable.db-wal')
      const found = [...secrets].flatMap(([name, secret]) =>
        files
          .filter(({ bytes }) => formsOf(secret).some((form) => bytes.includes(form)))
          .map((file) => `after ${after}: ${name} in ${file.name}`),
      )
      expect(found).toEqual([])
      // It has kept this process, whose server closes connections that are not used, from hearing that it did.
      for (let turns = 0; turns < 3; turns += 1) await new Promise((turn) => setImmediate(turn))
    },
    finds: (text: string) => filesWith(dataDir, text).length > 0,
  }
}

test('A2.8 no token, code, link, cookie, key or password is in any file of the server, at any time', async () => {
  const mail = await startMailServer()
  const env = { SMTP_URL: mail.address, MAIL_FROM: 'Reachable <r@clinic.example>', SIGN_UP: 'on' }
  const { server, there, at } = await withHostile([], env)
  const { dataDir } = server
  const { told, look, finds } = watch(dataDir)
  await addPeople(dataDir, { ...ann, verified: true }, ben)

  for (const person of [ann, ben]) told(`the password of ${person.username}`, person.password)
  const { token, endToken } = await signIn(server, ann)
  told('a token', token)
  told('an end token', endToken)
  await look('a sign-in')
  expect([finds(hashOf(token)), finds(hashOf(endToken)), finds(token)]).toEqual([true, true, false])

  const device = await connectDevice(server.url, token, 'device-1')
  await device.lease()
  server.clock.setWall(3 * 3_600_000)
  await device.lease()
  await look('its renewal')

  for (const login of ['ann', ann.email, told('a password in the wrong field', 'slipped-here-5')])
    await trySignIn(server, { login, password: told('a wrong password', 'Not-the-one-5') })
  await look('wrong passwords')

  const link = await accountLink(server, token)
  told('the code of My account', link.searchParams.get('code'))
  await look('the way to My account')
  const pages = await openAccount(server, token)
  told('the secret of a web session', pages.cookie.split('=')[1])
  await pages.getPage()
  const changed = {
    old: ann.password,
    password: told('a changed password', 'Changed-horse-6'),
    again: 'Changed-horse-6',
  }
  expect((await pages.sendForm('/account/password', changed)).status).toBe(303)
  await signIn(server, { ...ann, password: changed.password }, 'device-2')
  await look('a change of the password')
  await endSession(server, endToken)
  await look('a log-out')

  expect(filesWith(dataDir, server.operatorKey)).toEqual(['operator.json'])

  const slipped = told('a password as a login', 'forgotten-slip-8')
  expect((await sendForm(server, '/password/forgot', { login: slipped })).status).toBe(303)
  await expect.poll(() => finds('reset-asked'), { timeout: 10_000 }).toBe(true)
  await look('a password in the form for forgotten ones')
  await sendForm(server, '/password/forgot', { login: ben.email })
  const reset = new URL(linkIn(await mailTo(mail, ben.email))).pathname
  told('the token of a reset', reset.split('/').at(-1))
  await look('a mail about a reset')
  expect((await getPage(server, reset)).status).toBe(200)
  const chosen = told('a password of a reset', 'Reset-staple-9')
  expect((await sendForm(server, reset, { password: chosen, again: chosen })).status).toBe(303)
  await look('a reset')

  await runCommandOrThrow(dataDir, 'account', 'invite', 'zoe@clinic.example')
  await sendForm(server, '/sign-up', { email: 'yan@clinic.example' })
  for (const name of ['zoe', 'yan']) {
    const mailed = new URL(linkIn(await mailTo(mail, `${name}@clinic.example`))).pathname
    told(`the token of the link to ${name}`, mailed.split('/').at(-1))
    const password = told(`the password that ${name} chose`, `Chosen-by-${name}-1`)
    const person = { username: name, name, password, again: password }
    expect((await sendForm(server, mailed, person)).status).toBe(303)
    await look(`the registration of ${name}`)
  }

  there.wrong = { claims: { email: ann.email } }
  const came = await signInAtIssuer(at)
  told('a one-time code', came.code)
  told('the verifier of a device', came.verifier)
  told('the verifier of the server', there.redeemed[0]?.form.get('code_verifier'))
  await look('a sign-in at the issuer')
  const spent = v.parse(signInResponse, await (await spendCode(at, came)).json())
  told('a token by a code', spent.token)
  told('an end token by a code', spent.endToken)
  await look('the code')

  const keyFor = async (name: string, ...more: string[]) =>
    told(
      `the key ${name}`,
      (await runCommandOrThrow(dataDir, 'api-key', 'create', name, ...more)).split('\n').at(-1),
    )
  const calls = await keyFor('Calls')
  const scim = await keyFor('Clinic', '--scim')
  expect((await post(server, '/api/calls', { to: 'ann' }, { authorization: `Bearer ${calls}` })).status).toBe(
    201,
  )
  await post(
    server,
    '/api/calls',
    { to: 'ann' },
    { authorization: `Bearer ${told('a key that is none', `reachable_${'x'.repeat(43)}`)}` },
  )
  await look('calls')
  const provision = async (method: string, path: string, body: object) => {
    const headers = { authorization: `Bearer ${scim}`, 'content-type': 'application/scim+json' }
    const response = await fetch(`${server.url}/scim/v2${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    })
    expect(response.ok).toBe(true)
    return (await response.json()) as { id: string }
  }
  told('a password by SCIM', nurse.password)
  const { id } = await provision('POST', '/Users', nurse)
  await look('a provisioning')
  const next = told('the next password by SCIM', 'Provisioned-next-2')
  await provision('PUT', `/Users/${id}`, { ...nurse, schemas: [userSchema], password: next })
  await look('a change by SCIM')
})
