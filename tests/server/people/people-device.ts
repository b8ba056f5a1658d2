import { expect } from 'vitest'
import type { ServerMessage } from '../../../protocol/connection.ts'
import type { Contact, PeopleRequest } from '../../../protocol/people.ts'
import type { NewAccount } from '../../../server/accounts/operator-accounts.ts'
import type { TestServer } from '../support/in-process-server.ts'
import { sessionOf } from '../support/people.ts'
import { connectDevice, type WebSocketDevice } from '../support/websocket-device.ts'
import { type AccountOnDevice, accountOnDevice } from './account-on-device.ts'

type Answer = Extract<ServerMessage, { type: 'done' | 'refused' }>

/** A device as it is with people: it keeps what it is told of its account, and hears what came of what it asks for. */
export interface PeopleDevice extends WebSocketDevice {
  readonly account: AccountOnDevice
  /** Says up to which event it has them; by default what it has. */
  sync(after?: number | null): void
  request(request: PeopleRequest): Promise<Answer>
  /** The frames about people that came since it was last asked. */
  newFrames(): readonly ServerMessage[]
  /** Waits until it has these contacts, by name, each with its relation. */
  has(contacts: Readonly<Record<string, Contact['relation']>>): Promise<void>
  /** The id of whom it has by this name. */
  idOf(name: string): string
}

let requests = 0

/** @param token of a session that it has; by default it is given one. */
export async function peopleDevice(
  server: TestServer,
  person: NewAccount,
  device: string,
  { token, account = accountOnDevice() }: { token?: string; account?: AccountOnDevice } = {},
): Promise<PeopleDevice> {
  const connection = await connectDevice(
    server.url,
    token ?? (await sessionOf(server, person, device)),
    device,
  )
  let heard = connection.received.length
  const answers = new Map<number, (answer: Answer) => void>()
  let failure: unknown
  // What came before is none of it: the listener is there before anything else is said.
  connection.socket.on('message', () => {
    const message = connection.received.at(-1)
    if (!message) return
    if (message.type === 'done' || message.type === 'refused') answers.get(message.n)?.(message)
    try {
      account.hear(message)
    } catch (error) {
      failure ??= error
    }
  })
  const names = () => Object.fromEntries(account.contacts().map(({ name, relation }) => [name, relation]))

  return {
    ...connection,
    account,
    sync(after = account.cursor) {
      account.begin(after)
      connection.send({ type: 'sync', after })
    },
    request(request) {
      requests += 1
      const n = requests
      const answer = new Promise<Answer>((resolve) => answers.set(n, resolve))
      connection.send({ type: 'request', n, request })
      return answer
    },
    newFrames() {
      const fresh = connection.received.slice(heard)
      heard = connection.received.length
      return fresh
    },
    async has(contacts) {
      await expect.poll(names).toEqual(contacts)
      if (failure !== undefined) throw failure
    },
    idOf: (name) => {
      const found = account.contacts().find((contact) => contact.name === name)
      if (!found) throw new Error(`there is no ${name} among ${JSON.stringify(names())}`)
      return found.id
    },
  }
}
