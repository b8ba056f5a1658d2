import { browser } from '../platform/browser.ts'
import { withTimeout } from '../platform/timeout.ts'
import type { Ask, Command, Reply } from './commands.ts'
import { type Envelope, isPosted, statePort } from './envelope.ts'
import type { PeopleState } from './people.ts'
import type { CallPhase, ReachabilityState, State } from './state.ts'

/** What is pressed in a call or a thread. Whoever asks for it twice has asked for it once. */
const presses: ReadonlySet<Command> = new Set<Command>([
  ...(['answer', 'decline', 'call-contact', 'cancel-placed-call'] as const),
  ...(['send-message', 'resend-message', 'keep-message-draft'] as const),
])
/** So many milliseconds after a press somebody knows what came of it, or that nothing is known (P7.3). */
const pressHeardWithin = 4_800

/**
 * Asks the background worker, waking it if it sleeps. A press goes to the next worker where one died over it, and is
 * given up after 4.8 s. Rejects where the worker did not answer or could not do it, and when the extension was just
 * reloaded: whether it was done is not known then.
 */
export async function ask<C extends Command>(command: C, payload: Ask<C>): Promise<Reply<C>> {
  const envelope: Envelope = { to: 'background', command, payload }
  const once = () => browser.runtime.sendMessage(envelope)
  const reply: unknown = await (presses.has(command)
    ? withTimeout(once().catch(once), pressHeardWithin)
    : once())
  if (reply === null || reply === undefined) throw new Error(`The worker could not do "${command}"`)
  return reply as Reply<C>
}

/** A port that broke is opened again after so many milliseconds. */
const reopenAfter = 100

/**
 * Calls `draw` with the present state and again at each change. A worker that dies drops the port: opening it again
 * wakes the next one, and until that one speaks, and knows who is signed in, nothing is claimed of what it has to prove.
 * All else stays as it was, so that nothing that somebody is typing goes with it.
 *
 * @returns a function that stops the watch.
 */
export function watchState(draw: (state: State) => void): () => void {
  let stopped = false
  let port: ReturnType<typeof browser.runtime.connect> | undefined
  let last: State | null = null
  const open = () => {
    if (stopped) return
    port = browser.runtime.connect({ name: statePort })
    port.onMessage.addListener((posted: unknown) => {
      if (!isPosted(posted)) return
      if ('close' in posted) window.close()
      else if (last && posted.state.session.kind === 'unknown') draw(meanwhile(last, posted.state))
      else {
        last = posted.state
        draw(last)
      }
    })
    port.onDisconnect.addListener(() => {
      if (last) draw(unproven(last))
      setTimeout(open, reopenAfter)
    })
  }
  open()
  return () => {
    stopped = true
    port?.disconnect()
  }
}

/**
 * Opens a port of a list and calls `hear` with all that is posted on it. A port that broke is opened again, as above;
 * `null` says that what was heard is vouched for by nobody until the next worker speaks.
 *
 * @returns a function that closes it.
 */
export function watchPort<P>(name: string, hear: (posted: P | null) => void): () => void {
  let stopped = false
  let port: ReturnType<typeof browser.runtime.connect> | undefined
  const open = () => {
    if (stopped) return
    port = browser.runtime.connect({ name })
    port.onMessage.addListener((posted: unknown) => {
      if (!stopped) hear(posted as P)
    })
    port.onDisconnect.addListener(() => {
      if (stopped) return
      hear(null)
      setTimeout(open, reopenAfter)
    })
  }
  open()
  return () => {
    stopped = true
    port?.disconnect()
  }
}

/** A state as nobody vouches for it: whether calls get through is not known, and no call rings. */
const unproven = (state: State): State => ({
  ...state,
  reachability: unprovenReachability(state.reachability),
  calls: state.calls.map((call) => ({ ...call, phase: unprovenPhase(call.phase) })),
  people: state.people && unprovenPeople(state.people),
})

/** The state that an earlier worker told `last`, while the next one is reading what that one kept. */
function meanwhile(last: State, now: State): State {
  const then = unproven(last)
  return {
    ...then,
    // It may have found that it cannot read.
    reachability: now.reachability.kind === 'checking' ? then.reachability : now.reachability,
    calls: [...then.calls.filter(({ id }) => !now.calls.some((call) => call.id === id)), ...now.calls],
  }
}

/** What the server would say of this person, and how calls that they placed stand, is known from it alone. */
const unprovenPeople = (people: PeopleState): PeopleState => ({
  ...people,
  seenAs: 'unknown',
  placed: people.placed.map((call) =>
    call.phase.kind === 'over' || call.phase.kind === 'not-placed'
      ? call
      : { ...call, phase: { kind: 'unknown' } },
  ),
})

function unprovenReachability(reachability: ReachabilityState): ReachabilityState {
  if (reachability.kind === 'reachable')
    return { kind: 'checking', lastConfirmedAt: reachability.confirmedAt }
  return reachability.kind === 'checking' ? reachability : { kind: 'checking' }
}

function unprovenPhase(phase: CallPhase): CallPhase {
  switch (phase) {
    case 'ringing':
      return 'checking'
    case 'answering':
      return { unheard: 'answer', why: 'connection-lost' }
    case 'declining':
      return { unheard: 'decline', why: 'connection-lost' }
    default:
      return phase
  }
}
