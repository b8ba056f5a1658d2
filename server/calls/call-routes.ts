import * as v from 'valibot'
import { type Call, idempotencyKey, placeCallRequest } from '../../protocol/http.ts'
import { findPersonOf } from '../accounts/people-of-key.ts'
import type { CallRow } from '../database/call-tables.ts'
import type { Database } from '../database/tables.ts'
import { readBody } from '../http/json-body.ts'
import { Refused } from '../http/refused.ts'
import type { Context, Route } from '../http/route.ts'
import type { Log } from '../log.ts'
import type { RoomAddress } from './call-config.ts'
import { callDescriptions } from './call-descriptions.ts'
import { callEventStream } from './call-event-stream.ts'
import type { CallsOfCaller } from './calls.ts'

export interface CallRouteDependencies {
  readonly db: Database
  readonly log: Log
  readonly calls: CallsOfCaller
  readonly roomAddress: RoomAddress
  /** One more address for the caller of an answered call; undefined where its room is over. */
  readonly freshRoomAddress: (row: CallRow) => Promise<string | undefined>
  /** Whether whoever answers can be spoken with. */
  readonly canRoom: () => boolean
  readonly stopping: AbortSignal
}

/** Placing a call and following it. A caller sees the calls of their own key, and no others. */
export function callRoutes({
  db,
  log,
  calls,
  roomAddress,
  freshRoomAddress,
  canRoom,
  stopping,
}: CallRouteDependencies): Route[] {
  const view = (row: CallRow) => callView(row, { roomAddress, canRoom })

  const asked = async (context: Context): Promise<CallRow> => {
    const row = await calls.get(context.req.param('id') ?? '')
    if (row?.placedBy === context.get('caller').id) return row
    throw new Refused('no-such-call', 'There is no such call.')
  }

  return [
    {
      method: 'POST',
      path: '/api/calls',
      admits: 'api-key',
      scope: 'calls',
      describes: callDescriptions.place,
      async handle(context) {
        const { to, from, waitFor } = await readBody(context, placeCallRequest)
        const caller = context.get('caller')
        const { id, name } = caller
        const callee = async () => {
          const account = await findPersonOf(db, caller, to)
          if (account) return account
          throw new Refused('no-such-account', `There is no account ${to}.`)
        }
        const placed = await calls.place({
          callee,
          to,
          from: from ?? name,
          placedBy: id,
          waitFor,
          idempotencyKey: keyOf(context),
        })
        switch (placed.kind) {
          case 'placed':
            return context.json(view(placed.row), 201)
          case 'repeated':
            return context.json(view(placed.row), 200)
          case 'too-many':
            throw tooMany(to, placed.wait)
          case 'stopping':
            throw new Refused(
              'stopping',
              'The server is stopping and takes no call. Try again in a little while.',
            )
          case 'key-reused':
            throw new Refused(
              'idempotency-key-reused',
              'This Idempotency-Key was sent before, with another body. Make a new one for each call.',
            )
        }
      },
    },
    {
      method: 'GET',
      path: '/api/calls/:id',
      admits: 'api-key',
      scope: 'calls',
      describes: callDescriptions.get,
      handle: async (context) => context.json(view(await asked(context))),
    },
    {
      method: 'POST',
      path: '/api/calls/:id/cancel',
      admits: 'api-key',
      scope: 'calls',
      describes: callDescriptions.cancel,
      async handle(context) {
        const { id } = await asked(context)
        if (await calls.cancel(id)) return context.json(view(await asked(context)))
        throw new Refused('already-over', 'This call is over already.')
      },
    },
    {
      method: 'POST',
      path: '/api/calls/:id/room',
      admits: 'api-key',
      scope: 'calls',
      describes: callDescriptions.room,
      async handle(context) {
        const room = await freshRoomAddress(await asked(context))
        if (room !== undefined) return context.json({ room })
        throw new Refused('no-room', 'This call has no room: nobody has answered it, or the room is over.')
      },
    },
    {
      method: 'GET',
      path: '/api/calls/:id/events',
      admits: 'api-key',
      scope: 'calls',
      describes: callDescriptions.events,
      async handle(context) {
        const { id } = await asked(context)
        const show = (row: CallRow) => JSON.stringify(view(row))
        return callEventStream(context, id, {
          log,
          onChange: (listener) => calls.onChange(id, listener),
          read: () => calls.get(id),
          show,
          stopping,
        })
      },
    },
  ]
}

const tooMany = (to: string, wait: number): Refused =>
  Refused.tooMany(`Too many calls were placed, or too many to ${to}: this one is not.`, wait)

/** A call as its caller may see it: the room only once it was answered. */
export const callView = (
  row: CallRow,
  { roomAddress, canRoom }: Pick<CallRouteDependencies, 'roomAddress' | 'canRoom'>,
): Call => ({
  id: row.id,
  to: row.to,
  from: row.from,
  state: row.state,
  disposition: row.disposition,
  devices: row.devices,
  why: row.why,
  at: row.at,
  deadline: row.deadline,
  endedAt: row.endedAt,
  room: row.state === 'answered' ? roomAddress(row, 'caller') : null,
  canRoom: canRoom(),
})

function keyOf(context: Context): string | null {
  const key = context.req.header('idempotency-key')
  if (key === undefined) return null
  const parsed = v.safeParse(idempotencyKey, key)
  if (parsed.success) return parsed.output
  throw new Refused('bad-request', parsed.issues[0].message)
}
