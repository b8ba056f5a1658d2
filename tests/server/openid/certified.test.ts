import * as v from 'valibot'
import { expect, test } from 'vitest'
import { health, signInResponse } from '../../../protocol/http.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { connectDevice } from '../support/websocket-device.ts'
import { navigate, newBrowser } from './browser.ts'
import { certifiedIssuer, client, type PersonThere } from './certified-issuer.ts'
import { returnTo, signInAtIssuer, spendCode } from './extension.ts'

const gwen: PersonThere = {
  sub: 'gwen-4711',
  email: 'Gwen@Clinic.Example',
  email_verified: true,
  name: 'Gwen Green',
  picture: 'https://pictures.example/gwen.png',
  locale: 'de-AT',
}

async function withIssuer() {
  const there = await certifiedIssuer(gwen)
  const server = await startInProcessServer({
    env: {
      OPENID_ISSUER: there.issuer,
      OPENID_NAME: 'Clinic ID',
      OPENID_DOMAINS: 'clinic.example',
      OPENID_CLIENT_ID: client.id,
      OPENID_CLIENT_SECRET: client.secret,
    },
  })
  there.serve(`${server.url}/auth/issuer/callback`)
  return { server, there, at: { url: server.url, issuer: there.issuer } }
}

test('O1.1 a person signs in at the issuer, on a device that holds its key', async () => {
  const { server, at } = await withIssuer()
  const offers = v.parse(health, await (await fetch(`${server.url}/health`)).json())
  expect(offers.signIn.issuer).toEqual({ name: 'Clinic ID' })
  const came = await signInAtIssuer(at)
  expect(came.ended.to?.href.startsWith(returnTo)).toBe(true)
  expect(Object.fromEntries(came.ended.to?.searchParams ?? [])).toEqual({
    code: came.code,
    state: came.state,
  })
  const { token, account } = v.parse(signInResponse, await (await spendCode(at, came)).json())
  expect(account).toMatchObject({
    username: null,
    email: 'gwen@clinic.example',
    name: 'Gwen Green',
    picture: gwen.picture,
    language: 'de',
  })
  const device = await connectDevice(server.url, token, 'device-1')
  expect(device.welcome.account).toEqual(account)
  const rows = await (await server.db()).selectFrom('account').selectAll().execute()
  expect(rows).toMatchObject([
    { providerId: at.issuer, accountId: gwen.sub, userId: account.id, password: null, accessToken: null },
  ])
})

test('O1.2 the issuer is asked for a code with PKCE, a nonce and the account chooser, and for nothing but who it is', async () => {
  const { at } = await withIssuer()
  const { ended, state } = await signInAtIssuer(at)
  const asked = Object.fromEntries(ended.trail[1]?.searchParams ?? [])
  expect(asked).toEqual({
    client_id: client.id,
    response_type: 'code',
    scope: 'openid email profile',
    prompt: 'select_account',
    redirect_uri: `${at.url}/auth/issuer/callback`,
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
    nonce: expect.stringMatching(/^[\w-]{43}$/),
    state: expect.stringMatching(/^[\w-]{43}$/),
  })
  expect(asked.state).not.toBe(state)
  expect(ended.trail.join(' ')).not.toContain(client.secret)
})

test('O1.3 the start may be opened twice, as Firefox does, and two windows do not undo each other', async () => {
  const { at } = await withIssuer()
  const browser = newBrowser([at.url, at.issuer])
  const first = await signInAtIssuer(at, browser)
  await navigate(first.start)
  const beforehand = newBrowser([at.url])
  const [one, two] = [await beforehand.open(first.start), await beforehand.open(first.start)]
  expect([one.to?.origin, two.to?.origin]).toEqual([at.issuer, at.issuer])
  const second = await signInAtIssuer(at, browser)
  for (const came of [second, first]) expect((await spendCode(at, came)).status).toBe(200)
  expect(browser.cookies.filter((name) => name.startsWith('issuer-'))).toEqual([])
})

test('O6.3 a person who says no comes back with that, and not as anybody', async () => {
  const { at, there, server } = await withIssuer()
  there.person = null
  const { error, code, state, ended } = await signInAtIssuer(at)
  expect([error, code, ended.to?.searchParams.get('state')]).toEqual(['denied', '', state])
  expect(await (await server.db()).selectFrom('user').select('id').execute()).toEqual([])
})

test('O3.1 whoever signs in again is the same account, whatever their address is by then', async () => {
  const { at, there, server } = await withIssuer()
  const first = v.parse(signInResponse, await (await spendCode(at, await signInAtIssuer(at))).json())
  there.person = { ...gwen, email: 'gwen@elsewhere.example', email_verified: false, name: 'Gwen Gray' }
  const second = v.parse(signInResponse, await (await spendCode(at, await signInAtIssuer(at))).json())
  expect(second.account).toEqual({ ...first.account, name: 'Gwen Gray' })
  expect(await (await server.db()).selectFrom('user').select('id').execute()).toHaveLength(1)
})

test('O3.2 two sign-ins of somebody new at once make one account', async () => {
  const { at, server } = await withIssuer()
  const browsers = [1, 2, 3].map(() => newBrowser([at.url, at.issuer]))
  const came = await Promise.all(browsers.map((browser) => signInAtIssuer(at, browser)))
  const spent = await Promise.all(came.map((each, n) => spendCode(at, each, { device: `d-${n}` })))
  expect(spent.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(await (await server.db()).selectFrom('user').select('id').execute()).toHaveLength(1)
})

test('O2.3 without a client configured there is no such way in', async () => {
  const server = await startInProcessServer()
  for (const path of ['start', 'callback'])
    expect((await fetch(`${server.url}/auth/issuer/${path}`)).status).toBe(404)
  expect(await (await fetch(`${server.url}/health`)).json()).toMatchObject({ signIn: { issuer: null } })
})
