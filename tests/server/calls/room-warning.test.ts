import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { roomFinding } from '../../../server/cli/examine-server.ts'
import { readConfig } from '../../../server/config.ts'
import { startInProcessServer } from '../support/in-process-server.ts'

const toldOperator = expect.stringMatching(
  /^PUBLIC_URL is http:.* Put a TLS proxy before the server and set PUBLIC_URL /,
)
const plain = { PUBLIC_URL: 'http://reachable.example' }
const secure = { PUBLIC_URL: 'https://reachable.example' }
const room = { ROOM_URL: 'https://meet.example/{room}' }
const relay = { TURN_URLS: 'turn:turn.example:3478', TURN_SECRET: 'a secret that coturn has too' }

/** @returns what a server of these settings warns of rooms as it starts. */
async function loggedOfRooms(env: Record<string, string>): Promise<string[]> {
  const lines: { readonly msg: string; readonly level: number }[] = []
  const to = new Writable({
    write(line, _encoding, done) {
      lines.push(JSON.parse(String(line)))
      done()
    },
  })
  await startInProcessServer({ env, log: pino({}, to) })
  const ofRooms = lines.filter(({ msg }) => msg.includes('ROOM_URL'))
  expect(ofRooms.every(({ level }) => level === pino.levels.values.warn)).toBe(true)
  return ofRooms.map(({ msg }) => msg)
}

test('RM8.3 the operator of a server in whose rooms nobody could speak is warned by its log', async () => {
  expect(await loggedOfRooms(plain)).toEqual([toldOperator])
  for (const env of [{}, secure, { ...plain, ...room }]) expect(await loggedOfRooms(env)).toEqual([])
})

test('RM8.3 S6.10 the doctor says where answered calls meet, and what is missing for it', () => {
  const found = (env: Record<string, string>) => roomFinding(readConfig(env))
  expect(found(plain)).toMatchObject({ mark: 'wrong', about: 'room', sentence: toldOperator })
  // Where there is none, people come to where it listens.
  expect(found({ HOST: '192.0.2.7' })).toMatchObject({
    mark: 'wrong',
    sentence: expect.stringMatching(/^HOST is 192\.0\.2\.7 and PUBLIC_URL is not set: over plain http/),
  })
  expect(found({ HOST: '::' })).toMatchObject({ mark: 'ok' })
  expect(found({})).toMatchObject({ mark: 'ok', sentence: 'Answered calls meet in rooms of this server.' })
  expect(found(secure)).toMatchObject({
    mark: 'look',
    sentence: expect.stringContaining('TURN_URLS is not set'),
  })
  expect(found({ ...secure, ...relay })).toMatchObject({
    mark: 'ok',
    sentence: expect.stringContaining('turn:turn.example:3478'),
  })
  expect(found({ ...plain, ...room })).toMatchObject({
    mark: 'ok',
    sentence: 'Answered calls meet at https://meet.example/{room}.',
  })
})
