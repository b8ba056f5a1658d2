import type { PeopleReply, PlacedCallView } from '../../../messages/people.ts'
import type { PlacedCall as ToldCall } from '../../../protocol/people.ts'
import { clockLookEvery } from '../../../protocol/timing.ts'
import { closeCallWindow, openPlacedCallWindow } from '../calls/call-window.ts'
import type { CurrentConnection } from '../calls/leg.ts'
import { openRoom } from '../calls/presenter.ts'
import type { Instant } from '../clocks.ts'
import { type After, createTimer } from '../timer.ts'
import type { PeopleRequests } from './people-requests.ts'
import {
  callTo,
  isCalling,
  isOver,
  nextPlacedLook,
  nonePlaced,
  type PlacedCallEffect,
  type PlacedCallEvent,
  placedViews,
  reducePlaced,
  roomOf,
} from './placed-call-reducer.ts'
import type { PlacedCallStore } from './stored-placed-calls.ts'

export interface PlacedCalls {
  readonly now: () => readonly PlacedCallView[]
  /** Whether one that was placed here lasts. */
  readonly last: () => boolean
  /** Places a call and opens its window, or brings that of a call forward which lasts. @returns the call's key. */
  readonly place: (contact: string, name: string) => string
  /** @param waited ms for which whoever pressed has waited already. */
  readonly cancel: (key: string, waited?: number) => Promise<PeopleReply>
  /** Opens the room of one that was answered, for who asks for it. */
  readonly openRoom: (key: string) => Promise<PeopleReply>
  readonly connection: (connection: CurrentConnection) => void
  readonly told: (connection: number, call: ToldCall) => void
  readonly windowClosed: (key: string) => void
  /** Gives up all that were placed here and last, as far as the connection of now can say it. */
  readonly giveUp: () => void
  readonly clear: () => void
  /** Takes up what an earlier worker kept; may be done again. Rejects when that cannot be read. */
  readonly restore: () => Promise<void>
}

interface Dependencies {
  readonly clocks: () => Instant
  readonly after: After
  readonly requests: Pick<PeopleRequests, 'askOn'>
  readonly store: PlacedCallStore
  readonly screen?: Screen
  readonly changed: () => void
}

/** Where calls are shown; each opens or closes the window of one. */
export interface Screen {
  readonly openWindow: (key: string) => Promise<void>
  readonly closeWindow: (key: string) => Promise<void>
  /** Rejects when the browser opens neither a tab nor a window. */
  readonly openRoom: (room: string) => Promise<void>
}

type EffectOf<T extends PlacedCallEffect['type']> = Extract<PlacedCallEffect, { type: T }>

/** Whoever cancelled is told by then how that stands, in ms. */
const answeredWithin = 4_500

const notConfirmed: PeopleReply = {
  ok: false,
  why: 'unavailable',
  message:
    'The server has not confirmed it, so the call may go on for a while. It is told again as soon as it can be.',
}

const roomNotOpened: PeopleReply = {
  ok: false,
  why: 'unavailable',
  message: 'This browser did not open the room. Open a window of it, and try again.',
}

const browserScreen: Screen = {
  openWindow: openPlacedCallWindow,
  closeWindow: closeCallWindow,
  openRoom,
}

/** Gives the pure reducer of placed calls clocks, a timer, a memory and hands. */
export function createPlacedCalls({
  clocks,
  after,
  requests,
  store,
  screen = browserScreen,
  changed,
}: Dependencies): PlacedCalls {
  let state = nonePlaced
  let restored = false
  /** Windows that were closed before it was known of which calls they are. */
  const closedEarly = new Set<string>()
  const lookIn = createTimer(after, () => dispatch({ type: 'look' }))
  /** What persons who cancelled wait for, and of which call. */
  const cancelling = new Map<(reply: PeopleReply) => void, string>()

  function dispatch(event: PlacedCallEvent): void {
    const before = state
    const step = reducePlaced(state, event, clocks())
    state = step.state
    const wait = nextPlacedLook(state, clocks())
    // Often, whatever is due: a timer may stand still while the machine sleeps, and a deadline pass meanwhile.
    lookIn(wait === null ? null : Math.min(clockLookEvery, wait))
    if (state === before) return
    store.write(state)
    for (const effect of step.effects) carryOut(effect)
    for (const [finish, key] of cancelling) if (isDone(key)) finish({ ok: true })
    changed()
  }

  const isDone = (key: string) => !state.calls.some((call) => call.key === key && !isOver(call))

  function carryOut(effect: PlacedCallEffect): void {
    switch (effect.type) {
      case 'keep': {
        const { key } = effect
        store.whenWritten(() => dispatch({ type: 'kept', key }))
        break
      }
      case 'place':
        void place(effect)
        break
      case 'cancel':
        void cancelCall(effect)
        break
      case 'enter': {
        const { key, room } = effect
        store.whenWritten(() => void enter(key, room))
        break
      }
      case 'close-window':
        closeWindow(effect.key)
        break
      default:
        effect satisfies never
    }
  }

  function closeWindow(key: string): void {
    const closed = () => dispatch({ type: 'window-closed', key })
    void screen.closeWindow(key).then(closed, closed)
  }

  /** @returns whether the browser opened it. */
  async function enter(key: string, room: string): Promise<boolean> {
    const isOpen = await screen.openRoom(room).then(
      () => true,
      () => false,
    )
    dispatch({ type: 'room', key, is: isOpen ? 'open' : 'failed' })
    if (isOpen) closeWindow(key)
    return isOpen
  }

  async function place({ on, key, contact }: EffectOf<'place'>): Promise<void> {
    const answer = await requests.askOn(on, { what: 'place-call', contact, key })
    if (answer.kind === 'refused') dispatch({ type: 'refused', key, message: answer.message })
    else if (answer.kind === 'done' && answer.result.what === 'placed')
      dispatch({ type: 'told', connection: on, call: answer.result.call, key })
  }

  async function cancelCall({ on, key, call }: EffectOf<'cancel'>): Promise<void> {
    const answer = await requests.askOn(on, { what: 'cancel-call', call })
    if (answer.kind === 'done') dispatch({ type: 'cancel-done', key })
  }

  return {
    now: () => placedViews(state),
    last: () => isCalling(state),
    place: (contact, name) => {
      const known = callTo(state, contact)
      const key = known ?? crypto.randomUUID()
      void screen.openWindow(key).catch(() => {})
      if (known === undefined) dispatch({ type: 'pressed', key, contact, name })
      return key
    },
    cancel: (key, waited = 0) =>
      new Promise((resolve) => {
        const finish = (reply: PeopleReply) => {
          stopWaiting()
          cancelling.delete(finish)
          resolve(reply)
        }
        const stopWaiting = after(Math.max(0, answeredWithin - waited), () => finish(notConfirmed))
        cancelling.set(finish, key)
        dispatch({ type: 'cancelled', key })
        if (isDone(key)) finish({ ok: true })
      }),
    openRoom: async (key) => {
      const call = state.calls.find((one) => one.key === key)
      const room = call ? roomOf(call) : null
      return room !== null && (await enter(key, room)) ? { ok: true } : roomNotOpened
    },
    connection: ({ number, leased }) => {
      const before = state.connection
      if (number !== before.number || leased !== before.leased)
        dispatch({ type: 'connection', number, leased })
    },
    told: (connection, call) => dispatch({ type: 'told', connection, call }),
    windowClosed: (key) => {
      if (!restored) closedEarly.add(key)
      dispatch({ type: 'window-closed', key })
    },
    giveUp: () => {
      for (const call of state.calls)
        if (!call.elsewhere && !isOver(call)) dispatch({ type: 'cancelled', key: call.key })
    },
    clear: () => dispatch({ type: 'sign-out' }),
    restore: async () => {
      const calls = await store.read(clocks())
      if (restored) return
      restored = true
      dispatch({ type: 'restored', calls })
      for (const key of closedEarly) dispatch({ type: 'window-closed', key })
    },
  }
}
