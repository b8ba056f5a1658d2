import { expect, test } from 'vitest'
import { closeCodes } from '../../protocol/close-codes.ts'
import {
  deviceMessage,
  maxBoot,
  maxFrame,
  maxServerFrame,
  protocolVersion,
  serverMessage,
} from '../../protocol/connection.ts'
import {
  longestRoomFrame,
  mostRoomBytes,
  mostRoomFrames,
  roomCloseCodes,
  roomPageMessage,
  roomProtocol,
  roomServerMessage,
  roomTiming,
} from '../../protocol/room.ts'
import * as timing from '../../protocol/timing.ts'
import { readFile, sourceFiles } from './source-file.ts'

const reference = readFile('docs/PROTOCOL.md')

/** The text below `## title`, up to the next heading of that rank. */
function chapter(title: string): string {
  const [, text] = reference.split(`\n## ${title}\n`)
  return text?.split(/\n##? /)[0] ?? ''
}

const sections = (title: string) =>
  chapter(title)
    .split('\n### ')
    .slice(1)
    .map((text) => ({ type: /^`([\w-]+)`\n/.exec(text)?.[1], text }))

const rows = (title: string) =>
  chapter(title)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))

test.each([
  { title: 'What a device says', options: deviceMessage.options },
  { title: 'What the server says', options: serverMessage.options },
  { title: 'What a room’s page says', options: roomPageMessage.options },
  { title: 'What a room’s page hears', options: roomServerMessage.options },
])(
  'H6.1 the reference of the connection has each message and each of its fields: $title',
  ({ title, options }) => {
    const described = sections(title)
    expect(described.map(({ type }) => type)).toEqual(options.map(({ entries }) => entries.type.literal))
    const silent = options.flatMap(({ entries }, index) =>
      Object.keys(entries)
        .filter((field) => field !== 'type' && !described[index]?.text.includes(`\`${field}\``))
        .map((field) => `${entries.type.literal}.${field}`),
    )
    expect(silent).toEqual([])
  },
)

test('H6.1 it has each close code with what the device does on it', () => {
  const told = rows('Close codes').slice(2)
  expect(told.map(([, code, name, , device]) => ({ code: Number(code), name, device }))).toEqual(
    Object.entries(closeCodes).map(([name, { code, device }]) => ({ code, name, device })),
  )
})

test('H6.1 it has each close code of a room with what the page does on it, and its numbers', () => {
  const told = rows('Close codes of a room').slice(2)
  expect(told.map(([, code, name, , page]) => ({ code: Number(code), name, page }))).toEqual(
    Object.entries(roomCloseCodes).map(([name, { code, page }]) => ({ code, name, page })),
  )
  const room = reference.slice(reference.indexOf('\n# The room\n'))
  for (const number of [
    `**${roomProtocol}**`,
    `\`leaseMs\` (${roomTiming.leaseFor})`,
    `${longestRoomFrame} bytes`,
    `${mostRoomFrames} frames`,
    `${mostRoomBytes} bytes`,
  ])
    expect(room).toContain(number)
})

test('H6.1 its numbers are those of the code', () => {
  const { defaultTiming, ...alone } = timing
  const numbers: Record<string, unknown> = { ...defaultTiming, ...alone }
  const told = rows('Timing').slice(2)
  expect(told.length).toBeGreaterThan(8)
  for (const [, name = '', value] of told)
    expect({ [name]: Number(value) }).toEqual({ [name]: numbers[name] })
  expect(chapter('Limits')).toContain(`${maxFrame} bytes`)
  expect(chapter('Limits')).toContain(`${maxServerFrame} characters`)
  expect(chapter('What a device says')).toContain(`(${maxBoot})`)
  expect(chapter('In short')).toContain(`**${protocolVersion}**`)
})

test('H6.4 the reference of the HTTP API has each route that is not a page, and no other', () => {
  const routes = sourceFiles()
    .filter(({ path }) => path.startsWith('server/'))
    .flatMap(({ text }) => [
      ...text.matchAll(/method: '(\w+)',\s+path: '(\/(?:api|health|live|ready|metrics)\b[^']*)'/g),
    ])
    .map(([, method, path]) => `${method} ${path}`)
  const told = [...readFile('docs/API.md').matchAll(/^## `(\w+ \/\S*)`$/gm)].map(([, route]) => route)
  expect(told.toSorted()).toEqual(routes.toSorted())
})
