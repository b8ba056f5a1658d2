import { placeCallRequest } from '../../protocol/http.ts'
import { findActiveAccount } from '../accounts/find-account.ts'
import type { Bus } from '../bus/bus.ts'
import type { CallRow, Database } from '../database/tables.ts'
import { readCall } from '../ringing/call-rows.ts'
import type { Ringing } from '../ringing/ringing.ts'
import { readBody } from './body.ts'
import { callEvents } from './call-events.ts'
import { callView } from './call-view.ts'
import { Refused } from './refused.ts'
import type { Request, Route } from './route.ts'

export interface CallParts {
  readonly db: Database
  readonly bus: Bus
  readonly ringing: Ringing
  readonly roomAddress: (room: string) => string
  readonly stopping: AbortSignal
}

/** Placing a call and following it. A caller sees the calls of their own key, and no others. */
export function callRoutes({ db, bus, ringing, roomAddress, stopping }: CallParts): Route[] {
  const view = (row: CallRow) => callView(row, roomAddress)

  const asked = async (request: Request): Promise<CallRow> => {
    const row = await readCall(db, request.req.param('id') ?? '')
    if (row?.placedBy === request.get('caller').id) return row
    throw new Refused('no-such-call', 'There is no such call.')
  }

  return [
    {
      method: 'POST',
      path: '/api/calls',
      admits: 'api-key',
      async handle(request) {
        const { to, from } = await readBody(request, placeCallRequest)
        const callee = await findActiveAccount(db, to)
        if (!callee) throw new Refused('no-such-account', `There is no account ${to}.`)
        const { id, name } = request.get('caller')
        const row = await ringing.place({ callee, to, from: from ?? name, placedBy: id })
        return request.json(view(row), 201)
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
        if (await ringing.cancel(id)) return request.json(view(await asked(request)))
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
        return callEvents(request, id, { bus, read: () => readCall(db, id), show, stopping })
      },
    },
  ]
}
