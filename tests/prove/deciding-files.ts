/** The files that decide who is reachable, what becomes of a call, and who is in its room: all are pure, or nearly so. */
export const decidingFiles: readonly string[] = [
  'entrypoints/background/backoff.ts',
  'entrypoints/background/clocks.ts',
  'entrypoints/background/reachability/driver.ts',
  'entrypoints/background/reachability/next-look.ts',
  'entrypoints/background/reachability/reachability-reducer.ts',
  'entrypoints/background/reachability/state.ts',
  'entrypoints/background/reachability/successor.ts',
  'entrypoints/background/reachability/verdict.ts',
  'entrypoints/background/calls/incoming-call-reducer.ts',
  'entrypoints/background/calls/further-calls.ts',
  'entrypoints/background/calls/driver.ts',
  'entrypoints/background/calls/leg.ts',
  'entrypoints/background/people/contact-presence-reducer.ts',
  'protocol/seen-as.ts',
  'server/presence/lease-reducer.ts',
  'server/calls/active-call-reducer.ts',
  'server/calls/legs.ts',
  'server/rooms/seat-reducer.ts',
]

/** What the page of a room decides, and says of how well the two see each other: they have properties and schedules of their own. */
export const decidingOnRoomPages: readonly string[] = ['web/room/room-reducer.ts', 'web/room/quality.ts']

/** Those that decide what visitors of a place are told. No simulation of devices reaches them: they have properties of their own. */
export const decidingForVisitors: readonly string[] = [
  'server/places/light-rule.ts',
  'server/places/share-of-visitor.ts',
  'server/places/visit-rule.ts',
  'web/place/light-reducer.ts',
  'web/place/visit-reducer.ts',
]
