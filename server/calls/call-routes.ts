import * as v from 'valibot'
import { idempotencyKey, placeCallRequest } from '../../protocol/http.ts'
import { findActiveAccount } from '../accounts/find-account.ts'
import type { Bus } from '../bus/bus.ts'
import type { CallRow, Database } from '../database/tables.ts'
import { readBody } from '../http/body.ts'
import { Refused } from '../http/refused.ts'
import type { Request, Route } from '../http/route.ts'
import { callEvents } from './call-events.ts'
import { callView } from './call-view.ts'
import type { Calls } from './calls.ts'

export interface CallRouteParts {
  readonly db: Database
  readonly bus: Bus
  readonly calls: Calls
  readonly roomAddress: (room: string) => string
  readonly stopping: AbortSignal
}

/** Placing a call and following it. A caller sees the calls of their own key, and no others. */
export function callRoutes({ db, bus, calls, roomAddress, stopping }: CallRouteParts): Route[] {
  const view = (row: CallRow) => callView(row, roomAddress)

  const asked = async (request: Request): Promise<CallRow> => {
    const row = await calls.look(request.req.param('id') ?? '')
    if (row?.placedBy === request.get('caller').id) return row
    throw new Refused('no-such-call', 'There is no such call.')
  }

  return [
    {
      method: 'POST',
      path: '/api/calls',
      admits: 'api-key',
      async handle(request) {
        const { to, from, waitFor } = await readBody(request, placeCallRequest)
        const { id, name } = request.get('caller')
        const callee = async () => {
          const account = await findActiveAccount(db, to)
          if (account) return account
          throw new Refused('no-such-account', `There is no account ${to}.`)
        }
        const placed = await calls.place({
          ...{ callee, to, from: from ?? name, placedBy: id, waitFor },
          idempotencyKey: keyOf(request),
        })
        switch (placed.kind) {
          case 'placed':
            return request.json(view(placed.row), 201)
          case 'repeated':
            return request.json(view(placed.row), 200)
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
      handle: async (request) => request.json(view(await asked(request))),
    },
    {
      method: 'POST',
      path: '/api/calls/:id/cancel',
      admits: 'api-key',
      async handle(request) {
        const { id } = await asked(request)
        if (await calls.cancel(id)) return request.json(view(await asked(request)))
        throw new Refused('already-over', 'This call is over already.')
      },
    },
    {
      method: 'GET',
      path: '/api/calls/:id/events',
      admits: 'api-key',
      async handle(request) {
        const { id } = await asked(request)
        const show = (row: CallRow) => JSON.stringify(view(row))
        return callEvents(request, id, { bus, read: () => calls.look(id), show, stopping })
      },
    },
  ]
}

function keyOf(request: Request): string | null {
  const key = request.req.header('idempotency-key')
  if (key === undefined) return null
  const parsed = v.safeParse(idempotencyKey, key)
  if (parsed.success) return parsed.output
  throw new Refused('bad-request', parsed.issues[0].message)
}
