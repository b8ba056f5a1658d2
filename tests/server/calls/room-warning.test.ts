import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { roomFinding } from '../../../server/cli/examine-server.ts'
import { readConfig } from '../../../server/config.ts'
import { startInProcessServer } from '../support/in-process-server.ts'

const toldOperator = expect.stringMatching(/^ROOM_URL is not set: .* Set it to where people meet, such as /)
const isPublic = { PUBLIC_URL: 'http://reachable.example' }
const room = { ROOM_URL: 'https://meet.example/{room}' }

/** @returns what a server of these settings says of rooms as it starts. */
async function loggedOfRooms(env: Record<string, string>): Promise<string[]> {
  const lines: string[] = []
  const to = new Writable({
    write(line, _encoding, done) {
      lines.push(JSON.parse(String(line)).msg)
      done()
    },
  })
  await startInProcessServer({ env, log: pino({}, to) })
  return lines.filter((line) => line.includes('ROOM_URL'))
}

test('C7.3 the operator of a public server without a room is told so by its log', async () => {
  expect(await loggedOfRooms(isPublic)).toEqual([toldOperator])
  expect(await loggedOfRooms({ ...isPublic, ...room })).toEqual([])
  expect(await loggedOfRooms({})).toEqual([])
})

test('C7.3 S6.10 the doctor has a public server without a room looked at', () => {
  const found = (env: Record<string, string>) => roomFinding(readConfig(env))
  expect(found(isPublic)).toMatchObject({ mark: 'look', about: 'room', sentence: toldOperator })
  expect(found({})).toMatchObject({ mark: 'ok' })
  expect(found({ ...isPublic, ...room })).toMatchObject({
    mark: 'ok',
    sentence: 'Answered calls meet at https://meet.example/{room}.',
  })
})
