import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { ask } from '../../../messages/client.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** What each worker in turn does with what it is asked. */
function workers(...answers: (() => Promise<unknown>)[]) {
  const send = vi.spyOn(fakeBrowser.runtime, 'sendMessage')
  for (const answer of answers) send.mockImplementationOnce(answer as never)
  return send
}
const dies = () => Promise.reject(new Error('The message port closed before a response was received.'))
const answers = async () => ({ ok: true })
const never = () => new Promise<never>(() => {})
const couldNot = async () => null

test.each(['answer', 'decline'] as const)(
  'P7.3 of a worker that died over "%s" the next one is asked',
  async (press) => {
    const send = workers(dies, answers)
    await expect(ask(press, { call: 'c1' })).resolves.toEqual({ ok: true })
    const asked = { to: 'background', command: press, payload: { call: 'c1' } }
    expect(send.mock.calls).toEqual([[asked], [asked]])
  },
)

test('P7.3 a press that no worker answers is given up within 5 s', async () => {
  workers(never)
  const given = vi.fn()
  ask('call-contact', { contact: 'ben' }).catch(given)
  await vi.advanceTimersByTimeAsync(4_700)
  expect(given).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(290)
  expect(given).toHaveBeenCalledOnce()
})

test('P7.3 a press whose first worker died and whose next one hangs is given up as soon', async () => {
  workers(dies, never)
  const given = vi.fn()
  ask('send-message', { contact: 'ben', text: 'Hello', key: 'k1' }).catch(given)
  await vi.advanceTimersByTimeAsync(4_990)
  expect(given).toHaveBeenCalledOnce()
})

test('P7.3 a worker that could not do it has not done it', async () => {
  workers(couldNot)
  await expect(ask('answer', { call: 'c1' })).rejects.toThrow('could not do "answer"')
})

test('U2.1 a sign-in takes its time, and is asked for once', async () => {
  const send = workers(() => new Promise((resolve) => setTimeout(() => resolve({ ok: true }), 20_000)))
  const reply = ask('log-in', { login: 'ann', password: 'secret', staySignedIn: true })
  await vi.advanceTimersByTimeAsync(20_000)
  await expect(reply).resolves.toEqual({ ok: true })
  workers(dies)
  await expect(ask('log-in', { login: 'ann', password: 'secret', staySignedIn: true })).rejects.toThrow()
  expect(send).toHaveBeenCalledTimes(2)
})
