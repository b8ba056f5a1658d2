import { expect, test } from 'vitest'
import { openLog } from '../../../server/log.ts'

test('S3.4 secrets do not reach the log, however deep they lie', async () => {
  const lines: string[] = []
  const log = await openLog(
    { logLevel: 'info', logFormat: 'json' },
    { write: (line) => void lines.push(line) },
  )
  const secrets = {
    token: 's3cret',
    endToken: 's3cret',
    password: 's3cret',
    key: 's3cret',
    authorization: 's3cret',
  }
  log.info({ ...secrets, body: secrets, request: { headers: { ...secrets, cookie: 's3cret' } } }, 'asked')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('"msg":"asked"')
  expect(lines[0]).toContain('[secret]')
  expect(lines[0]).not.toContain('s3cret')
})

test('S3.7 an error that comes again and again is told once in 10 s, with how many were left out', async () => {
  const lines: string[] = []
  let now = 0
  const log = await openLog(
    { logLevel: 'info', logFormat: 'json' },
    { write: (line) => void lines.push(line) },
    () => now,
  )
  const away = () => log.error({ err: new Error('connection refused') }, 'the record is not written')
  for (let n = 0; n < 50; n += 1) away()
  log.error({ err: new Error('something else') }, 'the record is not written')
  log.info('as it comes')
  log.info('as it comes')
  now = 9_999
  away()
  now = 10_000
  away()
  away()
  const told = lines.map((line) => JSON.parse(line)).map(({ msg, left, err }) => [msg, err?.message, left])
  expect(told).toEqual([
    ['the record is not written', 'connection refused', undefined],
    ['the record is not written', 'something else', undefined],
    ['as it comes', undefined, undefined],
    ['as it comes', undefined, undefined],
    ['the record is not written', 'connection refused', 50],
  ])
})
