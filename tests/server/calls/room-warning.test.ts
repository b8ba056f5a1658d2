import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { roomFinding } from '../../../server/cli/examine-server.ts'
import { readConfig } from '../../../server/config.ts'
import { startInProcessServer } from '../support/in-process-server.ts'

const toldOperator = expect.stringMatching(/^ROOM_URL is not set: .* Set it to where people meet, such as /)
const demonstration = { DEMO_ACCOUNTS: '1' }
const isPublic = { ...demonstration, PUBLIC_URL: 'http://reachable.example' }
const room = { ROOM_URL: 'https://meet.example/{room}' }

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

test('C7.3 the operator of a server without a room, but for a demonstration, is warned by its log', async () => {
  expect(await loggedOfRooms(isPublic)).toEqual([toldOperator])
  expect(await loggedOfRooms({ ...isPublic, ...room })).toEqual([])
  expect(await loggedOfRooms({})).toEqual([toldOperator])
  expect(await loggedOfRooms(demonstration)).toEqual([])
})

test('C7.3 S6.10 the doctor has a server without a room looked at, but for a demonstration', () => {
  const found = (env: Record<string, string>, running?: { demo: boolean }) =>
    roomFinding(readConfig(env), running)
  expect(found(isPublic)).toMatchObject({ mark: 'look', about: 'room', sentence: toldOperator })
  expect(found({})).toMatchObject({ mark: 'look', sentence: toldOperator })
  const willDo = { mark: 'ok', sentence: expect.stringMatching(/that will do to try it\.$/) }
  expect(found(demonstration)).toMatchObject(willDo)
  // `npm start` makes one whatever the doctor is given.
  expect(found({}, { demo: true })).toMatchObject(willDo)
  expect(found({ ...isPublic, ...room })).toMatchObject({
    mark: 'ok',
    sentence: 'Answered calls meet at https://meet.example/{room}.',
  })
})
