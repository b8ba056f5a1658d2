import { expect, test, vi } from 'vitest'
import { type Handlers, serveCommand } from '../../../entrypoints/background/pages/commands.ts'

const logIn = vi.fn(() => ({ ok: true }) as const)
const handlers = { 'log-in': logIn } as unknown as Handlers

test('U9.1 a command with what it must carry is carried out', async () => {
  const payload = { login: 'ann', password: 'p', staySignedIn: false }
  await expect(serveCommand(handlers, { to: 'background', command: 'log-in', payload })).resolves.toEqual({
    ok: true,
  })
  expect(logIn).toHaveBeenCalledWith(payload)
})

test('U9.1 a command without what it must carry is refused before anything is done', async () => {
  logIn.mockClear()
  await expect(
    serveCommand(handlers, { to: 'background', command: 'log-in', payload: { login: 'ann' } }),
  ).rejects.toThrow()
  expect(logIn).not.toHaveBeenCalled()
})

test('U9.1 what is no command of ours is not answered', () => {
  for (const message of [null, 'log-in', {}, { to: 'background', command: 'constructor', payload: {} }])
    expect(serveCommand(handlers, message)).toBeNull()
})
