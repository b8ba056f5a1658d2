import { onTestFinished } from 'vitest'
import type { ServerMessage } from '../../../protocol/connection.ts'
import type { Message, PeopleRequest } from '../../../protocol/people.ts'
import { type LoadDevice, type LoadDeviceOptions, openLoadDevice } from './load-device.ts'
import type { SignedInPerson } from './signed-in-people.ts'

type Answer = Extract<ServerMessage, { type: 'done' | 'refused' }>

/** A device that rings and speaks of people as the extension does, and keeps nothing of it. It ends with the test. */
export interface LoadPerson extends LoadDevice {
  readonly ask: (request: PeopleRequest) => Promise<Answer>
  /** Asks for the presence of all contacts. */
  readonly watch: () => void
  /** Messages of others, in the order in which they came. */
  readonly messages: readonly Message[]
  /** The calls that rang, in the order in which they did. */
  readonly rings: readonly string[]
}

export async function openLoadPerson(
  server: string,
  person: SignedInPerson,
  { onMessage = () => {}, ...options }: LoadDeviceOptions = {},
): Promise<LoadPerson> {
  const answers = new Map<number, (answer: Answer) => void>()
  const messages: Message[] = []
  const rings: string[] = []
  let [requests, watches] = [0, 0]
  const device = await openLoadDevice(server, person, {
    ...options,
    onMessage(message) {
      if (message.type === 'done' || message.type === 'refused') answers.get(message.n)?.(message)
      if (message.type === 'ring') {
        rings.push(message.call.id)
        device.send({ type: 'rings', call: message.call.id })
      }
      if (message.type === 'events')
        for (const { change } of message.events)
          if (change.kind === 'message' && change.message.from !== 'me') messages.push(change.message)
      onMessage(message)
    },
  })
  onTestFinished(device.close)
  device.send({ type: 'sync', after: null })
  return {
    ...device,
    messages,
    rings,
    ask: (request) =>
      new Promise((resolve) => {
        requests += 1
        answers.set(requests, resolve)
        device.send({ type: 'request', n: requests, request })
      }),
    watch() {
      watches += 1
      device.send({ type: 'watch', n: watches, whom: 'all' })
    },
  }
}
