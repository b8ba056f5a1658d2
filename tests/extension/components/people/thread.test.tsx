// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Thread } from '../../../../components/people/Thread.tsx'
import { longestMessage, type MessageView, shownPort } from '../../../../messages/people.ts'
import { message } from '../../../support/people-demo/demo-people.ts'
import { click, control, doing, draw, press, text } from '../draw.tsx'
import { asker, ports } from '../fake-asker.ts'

const now = new Date(2026, 10, 26, 12, 0).getTime()

beforeEach(() => {
  vi.useFakeTimers({ now, toFake: ['Date'] })
  // No page is laid out here.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(2_000)
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(40)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const port = 'thread:ben'
const back = vi.fn()
beforeEach(() => void back.mockClear())

async function open(
  messages: readonly MessageView[] = [],
  answers: Parameters<typeof asker>[0] = {},
  more: { readonly draft?: string; readonly readUntil?: number; readonly more?: boolean } = {},
) {
  const { ask, of } = asker(answers)
  const { watch, post } = ports()
  await draw(<Thread contact="ben" name="Ben" ask={ask} watch={watch} back={back} />)
  const whole = { whole: messages, more: false, draft: '', readUntil: 99, ...more }
  await doing(() => post(port, whole))
  return { of, post: (posted: object | null) => doing(() => post(port, posted)), whole }
}

const composer = () =>
  document.querySelector<HTMLTextAreaElement>('.composer textarea') as HTMLTextAreaElement
const write = (value: string) =>
  doing(() => {
    composer().value = value
    composer().dispatchEvent(new Event('input', { bubbles: true }))
  })
const words = (element: Element | null | undefined) =>
  (element?.textContent ?? '').replaceAll(/\s+/g, ' ').trim()
const bubbles = () => [...document.querySelectorAll('.message')].map(words)
const alerts = () => [...document.querySelectorAll('[role=alert]')].map(words).join(' ').trim()

test('PU3.1 messages say of whom and when they are, the own apart from the others', async () => {
  await open([
    message(1, { text: 'Hello', at: now - 60_000 }),
    message(2, { text: 'Hi', from: 'me', at: now - 30_000 }),
    message(3, { text: 'News', from: 'clinic', at: now }),
  ])
  expect(bubbles()).toEqual([
    'Ben, 11:59: Hello11:59',
    'You, 11:59: Hi11:59',
    'Your clinicYour clinic, 12:00: News12:00',
  ])
  expect([...document.querySelectorAll('.message')].map(({ className }) => className)).toEqual([
    'message message--them',
    'message message--me',
    'message message--clinic',
  ])
  expect(words(document.querySelector('.thread-day'))).toBe('Today')
  for (const bubble of document.querySelectorAll('.bubble')) expect(bubble.getAttribute('dir')).toBe('auto')
  // What stands before the text for screen readers has a say in that only where it has no direction of its own.
  for (const who of document.querySelectorAll('.bubble > span')) expect(who.getAttribute('dir')).toBe('ltr')
})

test('PU3.1 what waits says so, and what was refused says why and goes again or is deleted', async () => {
  const { of } = await open([
    message(0, { n: null, key: 'w', from: 'me', text: 'Soon', at: now, delivery: 'waiting' }),
    message(0, {
      n: null,
      key: 'r',
      from: 'me',
      text: 'Never',
      at: now,
      delivery: { refused: 'No such contact.' },
    }),
  ])
  expect(bubbles()).toEqual([
    'You, 12:00: Soon Waiting to be sent',
    'You, 12:00: NeverNot sent: No such contact.Try againDelete',
  ])
  await click(control('Try again'))
  await click(control('Delete'))
  expect(of('resend-message')).toEqual([
    { contact: 'ben', key: 'r', forget: false },
    { contact: 'ben', key: 'r', forget: true },
  ])
})

test('PU3.2 the thread is read once its end is seen, and what comes while it is', async () => {
  const { of, post } = await open([message(1), message(2)], {}, { readUntil: 1 })
  expect(words(document.querySelector('.thread-new'))).toBe('New')
  expect(of('thread-read')).toEqual([{ contact: 'ben', until: 2 }])
  await post({ changed: [message(3)] })
  expect(of('thread-read').at(-1)).toEqual({ contact: 'ben', until: 3 })
  expect(of('thread-read')).toHaveLength(2)
})

test('PU3.2 a page that cannot be seen reads nothing, until it can', async () => {
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  const { of } = await open([message(1)])
  expect(of('thread-read')).toEqual([])
  hidden.mockReturnValue(false)
  await doing(() => document.dispatchEvent(new Event('visibilitychange')))
  expect(of('thread-read')).toEqual([{ contact: 'ben', until: 1 }])
})

test('PU3.2 more than is here being new, it is said, and nothing is read before it was all loaded', async () => {
  const many = Array.from({ length: 500 }, (_, n) => message(n + 1, { at: now }))
  const { of, post } = await open(many.slice(-100), {}, { readUntil: 0, more: true })
  expect(words(document.querySelector('.thread-new'))).toBe('New, and earlier ones may be too')
  await post({ older: many.slice(200, 400), more: true })
  expect(of('thread-read')).toEqual([])
  await post({ older: many.slice(0, 200), more: false })
  expect(words(document.querySelector('.thread-new'))).toBe('New')
  expect(of('thread-read')).toEqual([{ contact: 'ben', until: 500 }])
})

test('PU3.2 PU3.5 a thread opens at what is new or at its end, and whoever is at its top stays there when earlier ones come', async () => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(400)
  vi.spyOn(HTMLElement.prototype, 'scrollHeight', 'get').mockImplementation(() =>
    Number.parseFloat(document.querySelector<HTMLElement>('.thread-items')?.style.height || '0'),
  )
  const top = () => document.querySelector('.thread-scroll')?.scrollTop ?? 0
  const many = Array.from({ length: 300 }, (_, n) => message(n + 1, { at: now }))
  const { of, post } = await open(many.slice(-100), {}, { readUntil: 0, more: true })
  expect(top()).toBe(0)
  await post({ older: many.slice(100, 200), more: true })
  // Each is 40 to 44 pixels high.
  expect(top()).toBeGreaterThan(3_900)
  expect(top()).toBeLessThan(4_600)
  expect(of('thread-read')).toEqual([])
  await open(many.slice(-100), {}, { readUntil: 300, more: true })
  expect(top()).toBeGreaterThan(3_500)
})

test('PX5.2 the worker is told whether a thread can be seen', async () => {
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(false)
  const { ask } = asker()
  const { watch, isOpen } = ports()
  await draw(<Thread contact="ben" name="Ben" ask={ask} watch={watch} back={back} />)
  expect(isOpen(shownPort('ben'))).toBe(true)
  hidden.mockReturnValue(true)
  await doing(() => document.dispatchEvent(new Event('visibilitychange')))
  expect([isOpen(port), isOpen(shownPort('ben'))]).toEqual([true, false])
  hidden.mockReturnValue(false)
  await doing(() => document.dispatchEvent(new Event('visibilitychange')))
  expect(isOpen(shownPort('ben'))).toBe(true)
})

test('PU3.5 that there are no messages is said once it is known', async () => {
  const { post } = await open([], {}, { more: true })
  expect(text()).not.toContain('No messages yet')
  await post({ older: [], more: false })
  expect(text()).toContain('No messages yet')
  expect(text()).not.toContain('Load earlier')
})

test('PU3.2 what comes is told to screen readers once, and what was there is not', async () => {
  const { post } = await open([message(1, { text: 'Old' })])
  const heard = () => words(document.querySelector('.thread > [role=status]'))
  expect(heard()).toBe('')
  await post({ changed: [message(2, { text: 'Fresh' })] })
  expect(heard()).toBe('Ben: Fresh')
  await post({ changed: [message(3, { text: 'Mine', from: 'me' })] })
  expect(heard()).toBe('Ben: Fresh')
})

test('PU3.3 a link opens what it says, in a tab of its own that learns nothing of us', async () => {
  await open([message(1, { text: 'See https://a.example/x now, not javascript:alert(1)' })])
  await vi.waitFor(async () => {
    await doing(() => undefined)
    expect(document.querySelectorAll('.bubble a')).toHaveLength(1)
  })
  const link = document.querySelector<HTMLAnchorElement>('.bubble a')
  expect([link?.href, link?.target, link?.rel, link?.textContent]).toEqual([
    'https://a.example/x',
    '_blank',
    'noopener noreferrer',
    'https://a.example/x',
  ])
})

test('PU3.3 what is written is text, whatever it looks like', async () => {
  const text = '<img src=x onerror=alert(1)> **bold** &amp;'
  await open([message(1, { text, at: now })])
  expect(bubbles()).toEqual([`Ben, 12:00: ${text}12:00`])
  expect(document.querySelector('.bubble img')).toBeNull()
})

test('PU3.4 Enter sends; Shift and Enter, and Enter that ends a word of an input method, do not', async () => {
  const { of } = await open()
  expect(document.activeElement).toBe(composer())
  await write('  Hello  ')
  expect(await press('Enter', { shiftKey: true })).toBe(true)
  expect(await press('Enter', { isComposing: true })).toBe(true)
  expect(of('send-message')).toEqual([])
  expect(await press('Enter')).toBe(false)
  expect(of('send-message')).toEqual([{ contact: 'ben', text: 'Hello', key: expect.any(String) }])
  expect(composer().value).toBe('')
  expect(of('keep-message-draft').at(-1)).toEqual({ contact: 'ben', text: '' })
})

test('PU3.4 Enter held down, and one upon nothing, send nothing more', async () => {
  const { of } = await open()
  await press('Enter')
  await write('Hello')
  await press('Enter', { repeat: true })
  expect(of('send-message')).toEqual([])
})

test.each([
  [
    'a refusal',
    () => ({ ok: false, why: 'unavailable', message: 'This browser cannot keep it.' }),
    'This browser cannot keep it.',
  ],
  [
    'a worker that died',
    () => Promise.reject(new Error('gone')),
    'Reachable did not answer, so it is not known whether that was done. Look before you try again.',
  ],
] as const)('PU3.4 after %s what was written is still there', async (_, answer, why) => {
  await open([], { 'send-message': answer })
  await write('Hello')
  await press('Enter')
  expect([composer().value, alerts()]).toEqual(['Hello', why])
})

test('PU3.4 a draft that could not be kept is said to be so until it is', async () => {
  let answered: () => object | Promise<object> = () => ({ ok: false, why: 'unavailable', message: 'x' })
  await open([], { 'keep-message-draft': () => answered() })
  await write('Hello')
  expect(alerts()).toBe('What stands here could not be kept: copy it before you close this.')
  answered = () => ({ ok: true })
  await write('Hello you')
  expect(alerts()).toBe('')
})

test('PU3.4 a message that was asked for in vain is asked for again by the same id, and the next by another', async () => {
  let asked = 0
  const { of } = await open([], {
    'send-message': () => {
      asked += 1
      return asked === 1 ? Promise.reject(new Error('gone')) : { ok: true }
    },
  })
  await write('Hello')
  await press('Enter')
  await press('Enter')
  await write('Hello')
  await press('Enter')
  const [first, second, third] = (of('send-message') as { readonly key: string }[]).map(({ key }) => key)
  expect([first === second, second === third, composer().value, alerts()]).toEqual([true, false, '', ''])
})

test('PM2.2 what somebody who is blocked wrote is read, and nothing is answered', async () => {
  const { ask } = asker()
  const { watch, post } = ports()
  await draw(<Thread contact="zoe" name="Zoë" blocked ask={ask} watch={watch} back={back} />)
  await doing(() =>
    post('thread:zoe', { whole: [message(1, { text: 'Hi' })], more: false, draft: '', readUntil: 0 }),
  )
  expect(bubbles()[0]).toContain('Hi')
  expect(text()).toContain('You blocked Zoë.')
  expect(document.querySelectorAll('.composer, .thread-call')).toHaveLength(0)
})

test('PU3.4 what is typed while a message goes stays, and it goes once', async () => {
  let written = (_: object) => {}
  const { of } = await open([], {
    'send-message': () => new Promise<object>((resolve) => (written = resolve)),
  })
  await write('Hello')
  await press('Enter')
  await press('Enter')
  expect(composer().value).toBe('Hello')
  await write('Hello\nand more')
  await doing(() => written({ ok: true }))
  expect(composer().value).toBe('and more')
  expect(of('send-message')).toHaveLength(1)
})

test('PU3.4 what somebody changed of it meanwhile is not taken away', async () => {
  let written = (_: object) => {}
  await open([], { 'send-message': () => new Promise<object>((resolve) => (written = resolve)) })
  await write('Hello')
  await press('Enter')
  await write('Good morning')
  await doing(() => written({ ok: true }))
  expect(composer().value).toBe('Good morning')
})

test('PU3.4 what was typed before is there again, and does not come over what is typed by then', async () => {
  const { post, whole } = await open([], {}, { draft: 'Half a sen' })
  expect(composer().value).toBe('Half a sen')
  await write('Half a sentence')
  await post(null)
  await post({ ...whole, draft: 'Half a sen' })
  expect(composer().value).toBe('Half a sentence')
})

test('PU3.4 what is too long is not cut, and said by how much', async () => {
  const { of } = await open()
  await write('x'.repeat(longestMessage - 10))
  expect(text()).toContain('10 characters left')
  await write('x'.repeat(longestMessage + 2))
  expect(text()).toContain('2 characters too many')
  await press('Enter')
  expect([of('send-message'), composer().value.length]).toEqual([[], longestMessage + 2])
})

test('PU3.5 earlier messages are asked for, and a long thread draws what can be seen', async () => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(400)
  const many = Array.from({ length: 10_000 }, (_, n) => message(n + 1, { at: now }))
  const { of, post } = await open(many.slice(-100), {}, { more: true, readUntil: 10_000 })
  await click(control('Load earlier'))
  expect(of('load-history')).toEqual([{ contact: 'ben' }])
  await post({ older: many.slice(0, -100), more: false })
  expect(text()).not.toContain('Load earlier')
  expect(bubbles().length).toBeGreaterThan(5)
  expect(bubbles().length).toBeLessThan(60)
})

test('PU3.5 PU1.3 where earlier ones cannot be had it is said why', async () => {
  await open(
    [message(5)],
    { 'load-history': () => ({ ok: false, why: 'offline', message: 'No connection.' }) },
    { more: true },
  )
  await click(control('Load earlier'))
  expect(alerts()).toBe('No connection.')
})

test('PU3.6 a port that breaks leaves the messages and what is written there', async () => {
  const { post } = await open([message(1, { text: 'Still here', at: now })])
  await write('mine')
  await post(null)
  expect([bubbles(), composer().value]).toEqual([['Ben, 12:00: Still here12:00'], 'mine'])
})

test('PU3.7 Escape and Back lead back, and do not close the popup', async () => {
  await open()
  expect(await press('Escape')).toBe(false)
  await click(control('Back'))
  expect(back).toHaveBeenCalledTimes(2)
})
