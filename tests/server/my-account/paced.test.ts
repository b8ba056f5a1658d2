import { expect, test } from 'vitest'
import { textOf } from '../support/html-pages.ts'
import { startInProcessServer } from '../support/in-process-server.ts'
import { ann, ben, sessionOf, settle } from '../support/people.ts'
import { openAccount } from './at-account.ts'

async function annAndBen() {
  const server = await startInProcessServer()
  await settle(server, ann, ben)
  const token = await sessionOf(server, ann, 'device-1')
  const tokenOfBen = await sessionOf(server, ben, 'device-2')
  return {
    server,
    token,
    pages: await openAccount(server, token),
    pagesOfBen: await openAccount(server, tokenOfBen, 'device-2'),
  }
}

test('W6.14 a session asks for its pages sixty times at once and five times a second after; then a page says when to go on', async () => {
  const { server, token, pages, pagesOfBen } = await annAndBen()
  const begun = performance.now()
  const answers = await Promise.all(Array.from({ length: 150 }, () => pages.getPage('/account/delete')))
  const shown = answers.filter(({ status }) => status === 200).length
  const refused = answers.filter(({ status }) => status === 429)
  const seconds = (performance.now() - begun) / 1_000
  expect(shown).toBeGreaterThanOrEqual(60)
  expect(shown).toBeLessThanOrEqual(60 + Math.ceil(5 * seconds))
  expect(shown + refused.length).toBe(150)
  expect(refused[0]?.headers.get('retry-after')).toBe('1')
  expect(refused[0] && (await textOf(refused[0]))).toContain('Nothing was changed. Try again in a second.')
  const flips = await Promise.all(
    Array.from({ length: 50 }, (_, n) => pages.sendForm('/account/name', { name: `Ann ${n}` })),
  )
  expect(flips.map(({ status }) => status)).toContain(429)
  // A web session anew is of the same session.
  const anew = await openAccount(server, token)
  const others = await Promise.all(Array.from({ length: 50 }, () => anew.getPage('/account/delete')))
  expect(others.filter(({ status }) => status === 429).length).toBeGreaterThan(0)
  expect((await pagesOfBen.getPage()).status).toBe(200)
  server.clock.advance(12_000)
  expect((await pages.getPage()).status).toBe(200)
})
