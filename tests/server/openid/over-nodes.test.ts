import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type InProcessNode,
  type InProcessService,
  openInProcessService,
} from '../support/in-process-nodes.ts'
import { newBrowser } from './browser.ts'
import { newWish, spendCode } from './extension.ts'
import { hostileIssuer } from './hostile-issuer.ts'
import { clientId, clientSecret } from './with-hostile.ts'

let service: InProcessService
beforeAll(async () => {
  service = await openInProcessService()
})
afterAll(() => service?.close())

test('R8.2 a sign-in at the issuer that began at one node ends at another, once, and its code is good at a third', async () => {
  const there = await hostileIssuer(clientId)
  const env = {
    OPENID_ISSUER: there.issuer,
    OPENID_DOMAINS: 'clinic.example',
    OPENID_CLIENT_ID: clientId,
    OPENID_CLIENT_SECRET: clientSecret,
  }
  const nodes = await Promise.all([service.start({ env }), service.start({ env }), service.start({ env })])
  const [one, other, third] = nodes as [InProcessNode, InProcessNode, InProcessNode]
  const browser = newBrowser([there.issuer])
  const wish = newWish(one.url)
  const atIssuer = await browser.open(wish.start)
  const back = await (atIssuer.to?.origin === there.issuer ? browser.open(atIssuer.to) : atIssuer)
  expect(back.to?.origin).toBe('https://reachable.example')
  const callback = new URL(`${back.to?.pathname}${back.to?.search}`, other.url)
  const ended = await browser.open(callback)
  expect(ended.to?.searchParams.get('state')).toBe(wish.state)
  const code = ended.to?.searchParams.get('code') ?? ''
  const again = await browser.open(new URL(`${back.to?.pathname}${back.to?.search}`, one.url))
  expect(again.to?.searchParams.get('code') ?? 'none').toBe('none')
  expect((await spendCode(third, { code, verifier: wish.verifier })).status).toBe(200)
  expect((await spendCode(one, { code, verifier: wish.verifier })).ok).toBe(false)
})
