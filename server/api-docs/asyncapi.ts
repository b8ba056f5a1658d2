import { closeCodes } from '../../protocol/close-codes.ts'
import { deviceMessage, protocolVersion, serverMessage } from '../../protocol/connection.ts'
import { jsonSchemaOf } from './json-schema.ts'

/** A description by AsyncAPI 3. */
export type AsyncApi = Readonly<Record<string, unknown>>

type Messages =
  | readonly (typeof deviceMessage.options)[number][]
  | readonly (typeof serverMessage.options)[number][]

/** Names are those of whoever says it: both sides say `missed` of their own, as it were. */
function messagesOf(side: 'device' | 'server', options: Messages): Record<string, unknown> {
  return Object.fromEntries(
    options.map((schema) => {
      const { literal } = schema.entries.type
      return [
        `${side}-${literal}`,
        {
          name: literal,
          title: `${literal}, from the ${side}`,
          contentType: 'application/json',
          payload: jsonSchemaOf(schema, 'input'),
        },
      ]
    }),
  )
}

const refs = (base: string, names: Iterable<string>) =>
  [...names].map((name) => ({ $ref: `${base}/${name}` }))

/** The description of the connection between a device and the server, from what both parse with. */
export function asyncApi(): AsyncApi {
  const device = messagesOf('device', deviceMessage.options)
  const server = messagesOf('server', serverMessage.options)
  const names = [...Object.keys(device), ...Object.keys(server)]
  const codes = Object.entries(closeCodes).map(([name, { code }]) => `${code} ${name}`)
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Reachable, the connection of a device',
      version: String(protocolVersion),
      description: `One WebSocket a device, on which each frame is one message as JSON. docs/PROTOCOL.md says what each means, and in which order they come. The server closes it with one of these codes: ${codes.join(', ')}.`,
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels: {
      socket: {
        address: '/socket',
        title: 'The connection',
        description: 'Opened by the device; the server says `challenge` first, and the device `hello`.',
        messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
        bindings: { ws: { method: 'GET' } },
      },
    },
    operations: {
      fromDevice: {
        action: 'receive',
        summary: 'What a device says',
        channel: { $ref: '#/channels/socket' },
        messages: refs('#/channels/socket/messages', Object.keys(device)),
      },
      fromServer: {
        action: 'send',
        summary: 'What the server says',
        channel: { $ref: '#/channels/socket' },
        messages: refs('#/channels/socket/messages', Object.keys(server)),
      },
    },
    components: { messages: { ...device, ...server } },
  }
}
