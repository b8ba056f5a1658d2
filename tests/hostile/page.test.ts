import 'fake-indexeddb/auto'
import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { statePort } from '../../messages/envelope.ts'
import { contactsPort, threadPort } from '../../messages/people.ts'
import wxtConfig from '../../wxt.config.ts'
import { watchedBrowser } from './attacked-worker.ts'
import { attack } from './count.ts'

type Hears = (message: unknown, sender: unknown, respond: (reply: unknown) => void) => unknown

/** The worker as it starts in a browser, and every door by which the browser brings it messages. */
async function startWorker() {
  const browser = watchedBrowser()
  const messages: Hears[] = []
  const ports: ((port: unknown) => void)[] = []
  const external = { addListener: vi.fn() }
  const { runtime } = fakeBrowser
  Object.assign(runtime, {
    onMessage: { addListener: (hears: Hears) => messages.push(hears) },
    onConnect: { addListener: (hears: (port: unknown) => void) => ports.push(hears) },
    onMessageExternal: external,
    onConnectExternal: external,
    onUserScriptMessage: external,
    onUserScriptConnect: external,
  })
  vi.resetModules()
  const { default: background } = await import('../../entrypoints/background/index.ts')
  background.main()
  const kept = vi.spyOn(fakeBrowser.storage.local, 'set')
  const asked = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('no network'))
  onTestFinished(() => {
    kept.mockRestore()
    asked.mockRestore()
  })
  /** What comes of a message: what the worker answers, or that it does not listen. */
  const send = async (message: unknown, sender: unknown) => {
    const replies: unknown[] = []
    const listens = messages.map((hears) => hears(message, sender, (reply) => replies.push(reply)))
    if (listens.every((said) => said !== true)) return 'not heard'
    await vi.waitFor(() => expect(replies).toHaveLength(1), { interval: 1 })
    return replies[0]
  }
  await send({ to: 'background', command: 'is-pinned', payload: {} }, own())
  kept.mockClear()
  return {
    browser,
    send,
    connect: (port: unknown) => ports.forEach((hears) => void hears(port)),
    external,
    kept,
    asked,
  }
}

const own = () => ({ id: fakeBrowser.runtime.id, url: fakeBrowser.runtime.getURL('/popup.html') })

/** Everybody who is no page of the extension, as a browser would name them. */
const strangers = (): readonly unknown[] => {
  const { id, url } = own()
  const site = 'https://site.example/'
  return [
    undefined,
    {},
    { id },
    { url },
    { url: site, origin: 'https://site.example', tab: { id: 1 }, frameId: 0 },
    { id, url: site, tab: { id: 1 }, frameId: 0 },
    { id, url: `${site}?${url}` },
    { id, url: url.replace('/popup.html', '.site.example/popup.html') },
    { id, url: 'about:blank', frameId: 3 },
    { id, url: 'about:srcdoc', frameId: 3 },
    { id, url: 'data:text/html,x' },
    { id, url: `blob:${url}` },
    { id, url: `view-source:${url}` },
    { id, url: '' },
    { id: 'another-extension', url: 'chrome-extension://another-extension/popup.html' },
    { id: 'another-extension', url },
    { id: '', url },
  ]
}

const payloads: Readonly<Record<string, object>> = {
  'log-in': { login: 'ann', password: 'p', staySignedIn: true },
  'log-in-at-issuer': { staySignedIn: true },
  'open-page': { page: 'account' },
  'keep-draft': { login: 'planted' },
  'check-server': {},
  'log-out': {},
  exit: {},
  opened: {},
  'try-now': {},
  answer: { call: 'a' },
  decline: { call: 'a' },
  'missed-seen': { calls: ['a'] },
  'missed-unseen': { calls: ['a'] },
  'dismiss-gaps': { until: 1e15 },
  'set-server': { address: 'https://evil.example' },
  'set-settings': { namesInNotifications: true },
  'test-ring': {},
  'rehearsal-answered': { seen: true },
  'expect-call': { contact: 'a', at: 1 },
  'is-pinned': {},
  'ask-contact': { login: 'ben' },
  'answer-contact': { contact: 'a', answer: 'accept' },
  'change-contact': { contact: 'a', change: 'remove' },
  'await-contact': { contact: 'a', on: true },
  'call-contact': { contact: 'a' },
  'cancel-placed-call': { key: 'a' },
  'send-message': { contact: 'a', text: 'planted', key: 'k' },
  'resend-message': { contact: 'a', key: 'a', forget: true },
  'thread-read': { contact: 'a', until: 1 },
  'load-history': { contact: 'a' },
  'keep-message-draft': { contact: 'a', text: 'planted' },
  'cancel-expected': { expected: 'a' },
}

/** In these null is right, too. */
const nullable: typeof payloads = {
  'set-status': { status: 'invisible', until: null },
  'list-calls': { before: null },
}

test('Z5.5 U9.13 no command of a site, a frame or another extension is heard, and no state is told to them', async () => {
  const { browser, send, connect, external, kept, asked } = await startWorker()
  const commands = attack('page', 'commands of pages that are not ours')
  for (const [command, payload] of Object.entries({ ...payloads, ...nullable }))
    for (const sender of strangers())
      await commands.hold(`${command} of ${JSON.stringify(sender)}`, async () =>
        expect(await send({ to: 'background', command, payload }, sender)).toBe('not heard'),
      )
  const ports = attack('page', 'ports of pages that are not ours')
  for (const sender of strangers())
    await ports.hold(JSON.stringify(sender) ?? 'nobody', () => {
      const postMessage = vi.fn()
      for (const name of [statePort, contactsPort, threadPort('a')])
        connect({ name, sender, postMessage, onDisconnect: { addListener: vi.fn() } })
      expect(postMessage).not.toHaveBeenCalled()
    })
  await commands.hold('what came of it', () => {
    expect([kept.mock.calls, asked.mock.calls, browser.opened, browser.made.windows]).toEqual([[], [], [], 0])
    expect(external.addListener).not.toHaveBeenCalled()
  })
  // A page of ours is heard, so that the others were refused for what they are.
  const heard = vi.fn()
  connect({ name: statePort, sender: own(), postMessage: heard, onDisconnect: { addListener: vi.fn() } })
  expect(heard).toHaveBeenCalled()
  expect(await send({ to: 'background', command: 'is-pinned', payload: {} }, own())).toHaveProperty('pinned')
})

const anything = fc.oneof(
  fc.anything({ maxDepth: 2 }),
  fc.constantFrom<unknown>(null, undefined, '', 'x'.repeat(20_000), -1, Number.NaN, [], [{}], {
    __proto__: { call: 'a' },
  }),
)

test('Z5.6 U9.1 a command that does not carry what it must does nothing, and what is no command is not answered', async () => {
  const { browser, send, kept, asked } = await startWorker()
  const wrongs = attack('page', 'commands of wrong shapes')
  const carrying = Object.entries(payloads).filter(([, payload]) => Object.keys(payload).length > 0)
  const isRight = (right: object, wrong: unknown) =>
    typeof wrong === 'object' && wrong !== null && Object.keys(right).every((key) => key in wrong)
  const samples = fc.sample(anything, { numRuns: 60, seed: 11 })
  for (const [command, right] of carrying)
    for (const wrong of samples) {
      if (isRight(right, wrong)) continue
      await wrongs.hold(`${command}: ${fc.stringify(wrong)}`, async () =>
        expect(await send({ to: 'background', command, payload: wrong }, own())).toBeNull(),
      )
    }
  for (const [command, right] of carrying)
    for (const key of Object.keys(right)) {
      const tooLong = 'x'.repeat(command === 'keep-message-draft' && key === 'text' ? 200_001 : 10_001)
      for (const part of [null, {}, [], Number.NaN, tooLong, [tooLong]])
        await wrongs.hold(`${command}.${key}: ${fc.stringify(part).slice(0, 40)}`, async () => {
          // An empty list of calls is one.
          if (command.startsWith('missed-') && Array.isArray(part) && part.length === 0) return
          const reply = await send({ to: 'background', command, payload: { ...right, [key]: part } }, own())
          expect(reply).toBeNull()
        })
    }
  const envelopes = [
    ...samples,
    { to: 'background' },
    { to: 'background', command: 'constructor', payload: {} },
    { to: 'background', command: '__proto__', payload: {} },
    { to: 'elsewhere', command: 'exit', payload: {} },
    { command: 'exit', payload: {} },
    ['background', 'exit', {}],
  ]
  for (const envelope of envelopes)
    await wrongs.hold(fc.stringify(envelope), async () => expect(await send(envelope, own())).toBeNull())
  expect([kept.mock.calls, asked.mock.calls, browser.opened, browser.made.windows]).toEqual([[], [], [], 0])
})

test('Z5.7 H5.1 the manifest opens no way to the extension for a site or another extension', () => {
  const ways = attack('page', 'ways into the extension')
  const doors = [
    ...['externally_connectable', 'web_accessible_resources', 'content_scripts', 'user_scripts', 'sandbox'],
    ...['host_permissions', 'optional_host_permissions', 'optional_permissions', 'protocol_handlers'],
    ...['omnibox', 'devtools_page', 'file_browser_handlers', 'share_target', 'side_panel', 'sidebar_action'],
  ]
  const permissions = [
    'scripting',
    'tabs',
    'activeTab',
    'webRequest',
    'cookies',
    'nativeMessaging',
    'debugger',
  ]
  for (const browser of ['chrome', 'firefox']) {
    const { manifest } = wxtConfig
    if (typeof manifest !== 'function') throw new Error('the manifest is made for each browser')
    const env = { browser, mode: 'production', command: 'build', manifestVersion: 3 } as const
    const made = manifest(env as never) as Record<string, unknown>
    ways(doors.length + permissions.length)
    expect(Object.keys(made).filter((key) => doors.includes(key))).toEqual([])
    expect((made.permissions as string[]).filter((permission) => permissions.includes(permission))).toEqual(
      [],
    )
    const { extension_pages: policy } = made.content_security_policy as { extension_pages: string }
    for (const rule of ["default-src 'self'", "script-src 'self'", "object-src 'none'"])
      expect(policy).toContain(rule)
    expect(policy).not.toMatch(/unsafe|frame-src|\*(?!;| |$)/)
  }
})
