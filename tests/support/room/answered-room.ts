import { randomUUID } from 'node:crypto'
import type { RoomSide } from '../../../protocol/room.ts'
import { createRoomKeys } from '../../../server/rooms/room-tickets.ts'
import { answeredCallIn } from '../../server/rooms/room-page.ts'
import { addPerson } from '../server/add-person.ts'
import { withDatabaseOf } from '../server/database-of.ts'
import { type Server, startServer } from '../server/start-server.ts'

/** How each side of such a call is called by the other. */
export const names = { caller: 'Dr Bell', callee: 'Ann Able' } as const satisfies Record<RoomSide, string>

export interface AnsweredRoom {
  readonly server: Server
  readonly room: string
  /** An address that lets one page of this side in, as Answer opens it. @param at where people reach the server. */
  readonly address: (side: RoomSide, at?: string) => string
}

/** A call that was just answered, and its room, on a server of its own. */
export async function answeredRoom(
  environment: Readonly<Record<string, string>> = {},
): Promise<AnsweredRoom> {
  const secret = randomUUID() + randomUUID()
  const server = await startServer({ AUTH_SECRET: secret, ...environment })
  return { server, ...(await answeredCall(server, secret)) }
}

/** One more call on a server that runs, which has this secret. */
export async function answeredCall(server: Server, secret: string): Promise<Omit<AnsweredRoom, 'server'>> {
  const username = `p${randomUUID().slice(0, 8)}`
  await addPerson(server, { username, email: `${username}@clinic.example`, name: names.callee })
  const { room } = await withDatabaseOf(server, async (db) => {
    const { id } = await db
      .selectFrom('user')
      .select('id')
      .where('username', '=', username)
      .executeTakeFirstOrThrow()
    return answeredCallIn(db, { callee: id, answeredAt: Date.now() })
  })
  const keys = createRoomKeys(secret)
  return {
    room,
    address: (side, at = server.url) => `${at}/rooms/${room}#t=${keys.freshTicket(room, side, Date.now())}`,
  }
}
