import type { Call } from '../../protocol/http.ts'
import type { CallRow } from '../database/tables.ts'

/** A call as its caller may see it: the room only once it was answered. */
export const callView = (row: CallRow, roomAddress: (room: string) => string): Call => ({
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
  room: row.state === 'answered' ? roomAddress(row.room) : null,
})
