import { afterEach, expect, test, vi } from 'vitest'
import {
  askLight,
  askToVisit,
  endVisitLeaving,
  hangUpVisit,
  isGone,
  meaningOf,
  pauseAfter,
} from '../../../web/place/ask-server.ts'

afterEach(() => void vi.unstubAllGlobals())

/** What asking for a visit fails by where it is answered so. */
async function failureOf(answer: () => Promise<Response>): Promise<unknown> {
  vi.stubGlobal('fetch', answer)
  return askToVisit('desk', { name: 'Maria', key: 'k' }).then(
    () => undefined,
    (error: unknown) => error,
  )
}

const refusal = (status: number, error: string, headers = {}) =>
  failureOf(async () => Response.json({ error, message: 'No.' }, { status, headers }))
/** Of whatever stands between the page and its server. */
const proxyPage = (status: number) =>
  failureOf(async () => new Response('<h1>Not here</h1>', { status, headers: { 'retry-after': '30' } }))

test('PV2.2 PV3.11 that there is no such place is believed where the server itself says so', async () => {
  expect(isGone(await refusal(404, 'not-found'))).toBe(true)
  expect(isGone(await proxyPage(404))).toBe(false)
  expect(isGone(await refusal(404, 'no-such-account'))).toBe(false)
  expect(isGone(await refusal(400, 'not-found'))).toBe(false)
  for (const body of ['null', '[]', '{"error":7}', '"not-found"'])
    expect(isGone(await failureOf(async () => new Response(body, { status: 404 }))), body).toBe(false)
  vi.stubGlobal('fetch', async () => new Response('', { status: 404 }))
  const failed = await askLight('desk').catch((error: unknown) => error)
  expect(isGone(failed)).toBe(false)
})

test('PV3.8 PV3.11 a page goes on to ask for a visit that may be there, whatever refuses that, and gives up what was not done', async () => {
  const lost = await failureOf(() => Promise.reject(new TypeError('there is no network')))
  const tooMany = await refusal(429, 'too-many-attempts', { 'retry-after': '7' })
  expect(tooMany).toMatchObject({ status: 429, retryAfter: 7 })
  const [busy, away] = [await refusal(503, 'busy', { 'retry-after': '1' }), await proxyPage(502)]
  // Busy with what came after the visit was made, as may be.
  for (const isUnsure of [false, true]) {
    for (const error of [lost, busy, away, await proxyPage(404)])
      expect(meaningOf(error, isUnsure)).toBe('unsure')
    expect(meaningOf(await refusal(404, 'not-found'), isUnsure)).toBe('gone')
    expect(meaningOf(await refusal(400, 'bad-request'), isUnsure)).toBe('refused')
  }
  expect(meaningOf(tooMany, false)).toBe('refused')
  expect(meaningOf(tooMany, true)).toBe('unsure')
})

test('PV3.8 a page asks again as soon as the server says, within two seconds, and not at one moment with all others', async () => {
  const [busy, proxy] = [await refusal(503, 'busy', { 'retry-after': '1' }), await proxyPage(502)]
  const odd = await refusal(503, 'busy', { 'retry-after': 'Fri, 27 Nov 2026 20:00:00 GMT' })
  const pauses = [new TypeError('there is no network'), odd, busy, proxy].map((error) => pauseAfter(error, 0))
  expect(pauses).toEqual([500, 500, 1_000, 2_000])
  expect(pauseAfter(busy, 0.5)).toBe(1_250)
})

test('PV3.12 a page says that it was hung up where Hang up was pressed, and not where it only goes', async () => {
  const asked: unknown[] = []
  vi.stubGlobal('fetch', async (path: string, { body, keepalive }: RequestInit) => {
    asked.push([path, JSON.parse(String(body)), keepalive === true])
    return Response.json({}, { status: 503 })
  })
  await hangUpVisit('v', 's').catch(() => {})
  endVisitLeaving('v', 's', false)
  endVisitLeaving('v', 's', true)
  const at = '/api/visits/v/end'
  expect(asked).toEqual([
    [at, { secret: 's', hungUp: true }, false],
    [at, { secret: 's', hungUp: false }, true],
    [at, { secret: 's', hungUp: true }, true],
  ])
})
