import { Hono } from 'hono'
import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { callEventStream } from '../../../server/calls/call-event-stream.ts'
import type { Env } from '../../../server/http/route.ts'

test('C6.1 a stream whose call cannot be read ends, and the log says why', async () => {
  const lines: string[] = []
  const console = vi.spyOn(globalThis.console, 'error').mockReturnValue()
  const routes = new Hono<Env>().get('/events', (context) =>
    callEventStream(context, 'call-1', {
      onChange: () => () => {},
      log: pino({}, { write: (line) => void lines.push(line) }),
      read: () => Promise.reject(new Error('the disk is gone')),
      show: JSON.stringify,
      stopping: new AbortController().signal,
    }),
  )
  const response = await routes.request('/events')
  expect(await response.text()).toBe('')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { call: 'call-1', err: { message: 'the disk is gone' } },
  ])
  expect(console).not.toHaveBeenCalled()
})
