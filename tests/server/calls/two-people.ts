import { once } from 'node:events'
import type { DeviceMessage, ServerMessage } from '../../../protocol/connection.ts'
import type { PlacedCall } from '../../../protocol/people.ts'
import type { ContactRow } from '../../../server/database/people-tables.ts'
import type { Database } from '../../../server/database/tables.ts'
import {
  type InProcessServer,
  type Start,
  startInProcessServer,
  type TestServer,
} from '../support/in-process-server.ts'
import { ann, ben, idOf, sessionOf, settle } from '../support/people.ts'
import { connectDevice, type WebSocketDevice } from '../support/websocket-device.ts'

/** Makes two people contacts of each other, or changes how the first has the second. */
export async function relate(
  db: Database,
  [userId, otherId]: readonly [string, string],
  as: Partial<Pick<ContactRow, 'relation' | 'ringsThrough' | 'before'>> = {},
): Promise<void> {
  const row = { relation: 'contact', ...as } as const
  await db
    .insertInto('contact')
    .values({ userId, id: otherId, otherId, since: 0, ...row })
    .onConflict((conflict) => conflict.columns(['userId', 'id']).doUpdateSet(row))
    .execute()
}

export async function makeContacts(db: Database, one: string, other: string): Promise<void> {
  await relate(db, [one, other])
  await relate(db, [other, one])
}

let requests = 0

/** Asks a server for something, as a device does. @returns what came of it. */
export async function ask(
  device: WebSocketDevice,
  request: Extract<DeviceMessage, { type: 'request' }>['request'],
): Promise<Extract<ServerMessage, { type: 'done' | 'refused' }>> {
  requests += 1
  const n = requests
  device.send({ type: 'request', n, request })
  for (;;) {
    for (const message of device.received)
      if ((message.type === 'done' || message.type === 'refused') && message.n === n) return message
    await once(device.socket, 'message')
  }
}

/** Places a call to a contact. @throws where it was refused. */
export async function call(
  device: WebSocketDevice,
  contact: string,
  key = `key-${Math.random()}`,
): Promise<PlacedCall> {
  const answer = await ask(device, { what: 'place-call', contact, key })
  if (answer.type !== 'done' || answer.result.what !== 'placed')
    throw new Error(`refused: ${JSON.stringify(answer)}`)
  return answer.result.call
}

/** The next frame about a placed call that stands so. */
export async function standing(device: WebSocketDevice, state: PlacedCall['state']): Promise<PlacedCall> {
  for (;;) {
    const { call } = await device.next('placed-call')
    if (call.state === state) return call
  }
}

/** How a call stood for the caller, in the order in which a device was told. */
export const toldOf = (device: WebSocketDevice, id: string): string[] =>
  device.received.flatMap((message) =>
    message.type === 'placed-call' && message.call.id === id
      ? `${message.call.state} ${message.call.ringsOn}`
      : [],
  )

/** Somebody with a device that holds a lease and is told of everything. */
export async function syncedDevice(
  server: TestServer,
  person: typeof ann,
  device: string,
): Promise<WebSocketDevice> {
  const connection = await comeBack(server, person, device)
  await connection.next('reset')
  return connection
}

/** By database, and person and device: the token of the session. */
const tokens = new WeakMap<Database, Map<string, string>>()

/** A device comes, or comes back: its next connection, with a lease, says `sync`. */
export async function comeBack(
  server: TestServer,
  person: typeof ann,
  device: string,
): Promise<WebSocketDevice> {
  const db = await server.db()
  const known = tokens.get(db) ?? new Map<string, string>()
  const name = `${person.email} ${device}`
  const token = known.get(name) ?? (await sessionOf(server, person, device))
  tokens.set(db, known.set(name, token))
  const connection = await connectDevice(server.url, token, device)
  await connection.lease()
  connection.send({ type: 'sync', after: null })
  return connection
}

export interface TwoPeople {
  readonly server: InProcessServer
  readonly db: Database
  readonly annId: string
  readonly benId: string
  /** Ann's device. */
  readonly anns: WebSocketDevice
  /** Ben's, where he has one. */
  readonly bens: () => Promise<WebSocketDevice>
}

/** Ann, who is there, and Ben, who is her contact and comes when he is asked for. */
export async function annAndBen(start: Start = {}): Promise<TwoPeople> {
  const server = await startInProcessServer(start)
  await settle(server, ann, ben)
  const db = await server.db()
  const [annId, benId] = [await idOf(server, ann.email), await idOf(server, ben.email)]
  await makeContacts(db, annId, benId)
  const anns = await syncedDevice(server, ann, 'anns')
  let bens: Promise<WebSocketDevice> | undefined
  return {
    server,
    db,
    annId,
    benId,
    anns,
    bens: () => {
      bens ??= syncedDevice(server, ben, 'bens')
      return bens
    },
  }
}
