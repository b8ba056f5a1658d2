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
