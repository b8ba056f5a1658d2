import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createFileMail } from '../../server/mail/file-mail.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { aMessage, mailContract, sender } from './mail-contract.ts'

const silent = pino({ level: 'silent' })

mailContract(async () => {
  const directory = join(temporaryFolder(), 'outbox')
  return {
    mail: createFileMail(directory, sender, silent),
    arrived: async () =>
      Promise.all(
        readdirSync(directory)
          .sort()
          .map((name) => simpleParser(readFileSync(join(directory, name)))),
      ),
    breakDelivery: async () => writeFileSync(directory, 'no directory'),
  }
})

test('M1.5 a file holds one mail for its owner alone, its name begins with the time, and the log has the link and does not say that it was sent', async () => {
  const directory = join(temporaryFolder(), 'outbox')
  const lines: string[] = []
  const mail = createFileMail(directory, sender, pino({}, { write: (line) => lines.push(line) }))
  await mail.send(aMessage({ link: 'https://reachable.example/password/reset/abc' }))
  expect(mail.leftAs).toMatch(/^a mail was put into the outbox folder: .*reaches nobody by itself$/)
  await mail.send(aMessage({ link: 'https://reachable.example/password/reset/abc' }))
  const [name, ...more] = readdirSync(directory)
  expect(more).toEqual([])
  expect(name).toBe(`2026-01-02T03-04-05-${aMessage().id}.eml`)
  expect(statSync(join(directory, name ?? '')).mode & 0o777).toBe(0o600)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    to: 'ann@clinic.example',
    link: 'https://reachable.example/password/reset/abc',
  })
})
