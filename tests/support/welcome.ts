import { protocolVersion, type ServerMessage } from '../../protocol/connection.ts'
import { defaultTiming } from '../../protocol/timing.ts'

type Welcome = Extract<ServerMessage, { type: 'welcome' }>

/** How a server welcomes a device whose person missed nothing, and for whom nothing rings, unless it is said otherwise. */
export const welcomeTo = (account: Welcome['account'], more: object = {}): Welcome => ({
  type: 'welcome',
  protocol: protocolVersion,
  timing: defaultTiming,
  account,
  missed: [],
  ringing: [],
  ...more,
})
