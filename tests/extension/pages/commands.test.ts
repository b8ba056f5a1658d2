import { expect, test, vi } from 'vitest'
import { type Handlers, serveCommand } from '../../../entrypoints/background/pages/commands.ts'

const logIn = vi.fn(() => ({ ok: true }) as const)
const handlers = { 'log-in': logIn } as unknown as Handlers

test('U9.1 a command with what it must carry is carried out', async () => {
  const payload = { login: 'ann', password: 'p', staySignedIn: false }
  const message = { to: 'background', command: 'log-in', payload }
  await expect(serveCommand(handlers, message, 0)).resolves.toEqual({ ok: true })
  expect(logIn).toHaveBeenCalledWith(payload, 0)
})

test('U9.1 a command without what it must carry is refused before anything is done', async () => {
  logIn.mockClear()
  await expect(
    serveCommand(handlers, { to: 'background', command: 'log-in', payload: { login: 'ann' } }, 0),
  ).rejects.toThrow()
  expect(logIn).not.toHaveBeenCalled()
})

test('U9.1 one setting is changed at a time, and none that there is not', async () => {
  const set = vi.fn(async () => ({ ok: true }) as const)
  const serve = (payload: object) =>
    serveCommand(
      { 'set-settings': set } as unknown as Handlers,
      { to: 'background', command: 'set-settings', payload },
      0,
    )
  await serve({ tellOfOutages: false })
  await serve({ namesInNotifications: true })
  expect(set.mock.calls).toEqual([
    [{ tellOfOutages: false }, 0],
    [{ namesInNotifications: true }, 0],
  ])
  const wrong = [{}, { tellOfOutages: 1 }, { server: 'https://a.example' }]
  for (const payload of [...wrong, { tellOfOutages: true, server: 'https://a.example' }])
    await expect(serve(payload)).rejects.toThrow()
  expect(set).toHaveBeenCalledTimes(2)
})

test('PU3.4 a draft is kept that is far longer than a message may be', async () => {
  const keepDraft = vi.fn(async () => ({ ok: true }) as const)
  const serve = (length: number) =>
    serveCommand(
      { 'keep-message-draft': keepDraft } as unknown as Handlers,
      {
        to: 'background',
        command: 'keep-message-draft',
        payload: { contact: 'a', text: 'x'.repeat(length) },
      },
      0,
    )
  await expect(serve(200_000)).resolves.toEqual({ ok: true })
  await expect(serve(200_001)).rejects.toThrow()
  expect(keepDraft).toHaveBeenCalledTimes(1)
})

test('U9.1 what is no command of ours is not answered', () => {
  for (const message of [null, 'log-in', {}, { to: 'background', command: 'constructor', payload: {} }])
    expect(serveCommand(handlers, message, 0)).toBeNull()
})
