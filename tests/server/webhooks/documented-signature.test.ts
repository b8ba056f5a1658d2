import { expect, test } from 'vitest'
import {
  newWebhookSecret,
  sealWebhookSecret,
  signedHeaders,
} from '../../../server/webhooks/webhook-secret.ts'
import { readFile } from '../../structure/source-file.ts'

type IsSigned = (headers: Readonly<Record<string, string>>, body: string, secret: string) => boolean

/** The example of docs/API.md, as whoever copies it has it. */
async function documented(): Promise<IsSigned> {
  const [, indented = ''] = /^( {4}import \{ createHmac \}.*?^ {4}\})$/ms.exec(readFile('docs/API.md')) ?? []
  const code = indented.replaceAll(/^ {4}/gm, '')
  const { isSigned } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  return isSigned
}

test('PP3.1 PP3.5 the example of the documentation takes what is signed by either secret, and nothing else or old', async () => {
  const isSigned = await documented()
  const [secret, oldSecret, another] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()]
  const server = 'a secret of the server'
  const now = Date.now()
  const webhook = {
    secret: sealWebhookSecret(server, secret),
    oldSecret: sealWebhookSecret(server, oldSecret),
    oldSecretUntil: now + 60_000,
  }
  const body = '{"type": "call.ended", "data": {"from": "Zoë"}}'
  const signed = (at = now) => signedHeaders(server, webhook, { id: 'event-1', body }, at)
  for (const known of [secret, oldSecret]) {
    expect(isSigned(signed(), body, known)).toBe(true)
    expect(isSigned(signed(), `${body} `, known)).toBe(false)
    expect(isSigned({ ...signed(), 'webhook-id': 'event-2' }, body, known)).toBe(false)
    expect(isSigned(signed(now - 301_000), body, known)).toBe(false)
  }
  expect(isSigned(signed(), body, another)).toBe(false)
})
