import type { PresenceView } from '../../../messages/people.ts'
import type { DeviceMessage } from '../../../protocol/connection.ts'
import type { Instant } from '../clocks.ts'
import { type After, createTimer } from '../timer.ts'
import {
  type ContactPresenceEvent,
  type ContactPresences,
  nextPresenceLook,
  nobodyWatched,
  type PresenceFrame,
  presenceView,
  reducePresence,
  type Whom,
} from './contact-presence-reducer.ts'

export interface ContactPresenceDriver {
  /** Whose presence is wanted from now on: of all contacts while somebody looks, else of those that are waited for. */
  readonly want: (whom: Whom) => void
  /** By which connection this device holds a lease, at each change; null where it holds none. */
  readonly ownLease: (connection: number | null) => void
  readonly heard: (connection: number, frame: PresenceFrame) => void
  /** What may be shown of a contact now. Of the own account's id it is what contacts are shown of this person. */
  readonly of: (contact: string) => PresenceView
}

interface Dependencies {
  readonly clocks: () => Instant
  readonly after: After
  readonly send: (connection: number, message: DeviceMessage) => void
  /** What may be shown of these contacts is another than it was, or may be. */
  readonly changed: (contacts: readonly string[]) => void
}

/** Several that end in one moment are told together, in ms: no colour is shown for longer than that beyond its proof. */
const lookedTogether = 100

/** Gives the reducer of contacts' presence clocks, a timer and hands. */
export function createContactPresenceDriver(dependencies: Dependencies): ContactPresenceDriver {
  const { clocks, after, send, changed } = dependencies
  let state: ContactPresences = nobodyWatched
  let shown = new Map<string, PresenceView['kind']>()
  const lookIn = createTimer(after, () => look([]))

  function dispatch(event: ContactPresenceEvent): void {
    const named = event.type === 'heard' ? event.frame.of.map(({ contact }) => contact) : []
    const { state: next, effects } = reducePresence(state, event, clocks())
    state = next
    for (const { connection, n, whom } of effects)
      send(connection, { type: 'watch', n, whom: whom === 'all' ? whom : [...whom] })
    look(named)
  }

  /** Finds what time or the event has made another. */
  function look(named: readonly string[]): void {
    const now = clocks()
    const others = new Set(named)
    const found = new Map<string, PresenceView['kind']>()
    for (const contact of state.known.keys()) {
      const { kind } = presenceView(state, contact, now)
      found.set(contact, kind)
      if (shown.get(contact) !== kind) others.add(contact)
    }
    for (const contact of shown.keys()) if (!found.has(contact)) others.add(contact)
    shown = found
    const next = nextPresenceLook(state, now)
    lookIn(next === null ? null : Math.max(lookedTogether, next))
    if (others.size > 0) changed([...others])
  }

  return {
    want: (whom) => dispatch({ type: 'wanted', whom }),
    ownLease: (connection) => dispatch({ type: 'own-lease', connection }),
    heard: (connection, frame) => dispatch({ type: 'heard', connection, frame }),
    of: (contact) => presenceView(state, contact, clocks()),
  }
}
