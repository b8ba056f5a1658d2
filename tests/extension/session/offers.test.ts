import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { createSignInOffers } from '../../../entrypoints/background/session/offers.ts'
import { protocolVersion } from '../../../protocol/connection.ts'

beforeEach(() => fakeBrowser.reset())
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const here = 'https://reachable.example'
const signIn = { issuer: { name: 'Google' }, forgot: `${here}/password/forgot`, signUp: null }
const nothing = { issuer: null, forgot: null, signUp: null }
const health = () => Response.json({ service: 'reachable', protocols: [protocolVersion], signIn })

test('U2.8 U2.14 what a server offered is known to the next worker, and how it answers is said of each look alone', async () => {
  const fetched = vi.fn(async () => health())
  vi.stubGlobal('fetch', fetched)
  const changed = vi.fn()
  const first = createSignInOffers(() => here, changed)
  await first.restore()
  expect(first.now()).toEqual(nothing)
  expect([await first.refresh(), first.now()]).toEqual(['fine', signIn])
  expect(changed).toHaveBeenCalledTimes(1)

  const next = createSignInOffers(() => here, changed)
  await next.restore()
  expect(next.now()).toEqual(signIn)
  fetched.mockRejectedValue(new TypeError('Failed to fetch'))
  expect([await next.refresh(), next.now()]).toEqual(['server-silent', signIn])

  const elsewhere = createSignInOffers(() => 'https://other.example', changed)
  await elsewhere.restore()
  expect(elsewhere.now()).toEqual(nothing)
})

test('U2.8 what is kept in another form, or cannot be read, counts as not kept', async () => {
  await fakeBrowser.storage.local.set({ offers: { server: here, offers: { forgot: 7 } } })
  const offers = createSignInOffers(
    () => here,
    () => {},
  )
  await offers.restore()
  expect(offers.now()).toEqual(nothing)
  vi.spyOn(fakeBrowser.storage.local, 'get').mockRejectedValue(new Error('The disk is full'))
  await expect(offers.restore()).resolves.toBeUndefined()
})

test('U2.8 an offer that was asked for earlier undoes none that came before it', async () => {
  const answers: ((response: Response) => void)[] = []
  vi.stubGlobal('fetch', () => new Promise<Response>((answer) => void answers.push(answer)))
  const offers = createSignInOffers(
    () => here,
    () => {},
  )
  const [early, late] = [offers.refresh(), offers.refresh()]
  answers[1]?.(health())
  expect(await late).toBe('fine')
  answers[0]?.(Response.json({ service: 'reachable', protocols: [protocolVersion], signIn: nothing }))
  await early
  expect(offers.now()).toEqual(signIn)
})

test.each([
  ['no-network', false],
  ['server-silent', true],
] as const)(
  'U2.14 a silence is called “%s” where the browser says that it is online: %s',
  async (answer, onLine) => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
    vi.stubGlobal('navigator', { onLine })
    const offers = createSignInOffers(
      () => here,
      () => {},
    )
    expect(await offers.refresh()).toBe(answer)
  },
)

test('A7.5 nobody is asked while no server is named', async () => {
  const fetched = vi.fn()
  vi.stubGlobal('fetch', fetched)
  const offers = createSignInOffers(
    () => null,
    () => {},
  )
  expect(await offers.refresh()).toBeNull()
  expect(fetched).not.toHaveBeenCalled()
})
