/** A line of what decides with a branch that random schedules do not reach, and why they cannot. */
export interface Unreached {
  readonly file: string
  /** The line, without what stands around it. */
  readonly line: string
  readonly why: string
  /** They do, once in some thousands. */
  readonly seldom?: true
}

const device = 'entrypoints/background/reachability/reachability-reducer.ts'
const successor = 'entrypoints/background/reachability/successor.ts'
const calls = 'entrypoints/background/calls/incoming-call-reducer.ts'
const further = 'entrypoints/background/calls/further-calls.ts'
const leg = 'entrypoints/background/calls/leg.ts'
const active = 'server/calls/active-call-reducer.ts'
const leases = 'server/presence/lease-reducer.ts'
const contacts = 'entrypoints/background/people/contact-presence-reducer.ts'
const seenAs = 'protocol/seen-as.ts'

const outOfTurn =
  'the simulated server says each thing once, in its turn; tests of the guard itself are in reduce-guards'
const overFive =
  'more calls at once than a server lets ring take a server that crashed and started again; further-calls.test has them'
const everyRoom = 'the simulated server names a room, as ours does, and the simulated browser opens it'
const ofNodes =
  'asked where a node looks for others that stand still, in whose place the simulation knows; nodes-property.test has it'
const firstSaid =
  'a server says `outranked` before it closes a connection so, and then it is let go of already'
const ofMoves = 'it meets a move in the moment between two of its steps once in some thousands'
const inPlace =
  'a connection that comes in place of one that was asked has its lease by then, and is asked itself at once'
const onlyHides =
  'the simulated person chooses nothing but to be invisible, and is never idle or in a call; seen-as.test has those'
const looksOn =
  'the simulated page looks at all contacts for as long as its worker lives; contact-presence-reducer.test has the others'
const ofPrograms =
  'the simulated calls are placed by a program, which is no contact; reduce.test has those of people'
const saysNothing = 'the simulated person declines without a word; reduce.test has a reply'
const hiddenCallee =
  'the simulated calls are placed by a program, which may learn that a call rang; active-call-reducer.test has a contact who may not'
const busyCallee =
  'the simulated calls are placed by a program, which is told of busy at once; active-call-reducer-guards has a contact who is told once it is found'
const rehearsal = 'a rehearsal from the options page knows neither network nor server'

/**
 * What the simulation leaves out, with the reason. Whatever else it does not reach fails the proof, and so does a
 * line here that it does reach.
 */
export const unreached: readonly Unreached[] = [
  {
    file: device,
    line: 'return state.wanted ? same(state) : open({ ...state, wanted: true, reason: null, failures: 0 })',
    why: 'somebody who is logged in logs in, after a worker has booted into the same moment',
    seldom: true,
  },
  {
    file: successor,
    line: "case 'outranked': {",
    why: 'a copy of the profile that comes between the two connections of a move',
    seldom: true,
  },
  {
    file: calls,
    line: 'if (!next || !hasRoom(calls) || nextTurn(calls, now) > 0) return calls',
    why: overFive,
    seldom: true,
  },
  ...[
    'if (further.some(isSame)) return further.map((one) => (isSame(one) ? ring : one))',
    'return further.length < mostFurtherCalls ? [...further, ring] : further',
    'return kept.length === further.length ? further : kept',
  ].map((line) => ({ file: further, line, why: overFive, seldom: true as const })),
  ...[
    'const turn = further.length > 0 && hasRoom(calls) ? nextTurn(calls, now) : Number.POSITIVE_INFINITY',
    'return oldest && begun.length >= mostBegun ? begunWithin - elapsed(oldest, now) : 0',
    'if (real.length <= mostShown) return legs',
    'const spare = real.find(({ end }) => end) ?? real.find(({ press }) => !press) ?? real[0]',
    'return further === calls.further ? calls : { ...calls, further }',
  ].map((line) => ({ file: calls, line, why: overFive, seldom: true as const })),
  {
    file: calls,
    line: 'connection.leased ? further.length : 0',
    why: 'asked for the badge and the popup alone, which are no part of the simulation',
  },
  {
    file: calls,
    line: "return endCall(leg, nowhere ? 'answered-without-room' : endOf(event.outcome, event.here), now)",
    why: 'the simulated server names a room, as ours does',
  },
  { file: calls, line: "case 'room-not-opened':", why: everyRoom },
  {
    file: calls,
    line: "leg.end?.how === 'answered-here' ? endCall(leg, 'room-not-opened', now) : leg,",
    why: everyRoom,
  },
  {
    file: leg,
    line: 'const shownFor = (how: DeviceCallEnd) => (leavesNoRoom(how) ? 60_000 : 4_000)',
    why: everyRoom,
  },
  {
    file: calls,
    line: '? { ...calls, legs: [...calls.legs, begin(call, null, now)] }',
    why: rehearsal,
  },
  {
    file: 'entrypoints/background/reachability/driver.ts',
    line: "if (one?.at === 'open' && one.number === connection) return one.heartbeat.n",
    why: 'asked by the router of messages alone, in whose place the simulation has its own',
  },
  { file: device, line: "if (state.connection.at !== 'opening') return same(state)", why: outOfTurn },
  {
    file: device,
    line: "if (!isSound(event.timing)) return giveUp(state, 'outdated')",
    why: 'the simulated server is one of ours, whose timing is sound',
  },
  {
    file: device,
    line: "if (connection.at !== 'open' || event.heartbeat > connection.heartbeat.n) return same(state)",
    why: outOfTurn,
  },
  {
    file: device,
    line: "case 'taken-over':",
    why: firstSaid,
  },
  {
    file: device,
    line: 'if (connection.lease && hasExpired(connection.lease, now) && connection.heartbeat.answered)',
    why: 'a gap between looks that is long enough for it is a doubt first, to the driver',
  },
  { file: calls, line: '...(contact !== undefined && { contact }),', why: ofPrograms },
  ...[
    'const said = reply === undefined ? {} : { reply }',
    "button === 'decline' && reply !== undefined ? { type: button, call, reply } : { type: button, call }",
  ].map((line) => ({ file: calls, line, why: saysNothing })),
  ...[
    'const ringFor = capped ? Math.min(longest, waitFor) : longest',
    'const anew = call.capped ? Math.min(full, call.waitUntil) : full',
    "case 'found-invisible':",
    'ringUntil === null || rung ? ringUntil : Math.min(ringUntil, waitUntil)',
  ].map((line) => ({ file: active, line, why: hiddenCallee })),
  ...[
    'return [isFoundBusy(call) ? call : { ...call, asking: Math.max(0, call.asking - 1) }, []]',
    "case 'found-busy':",
  ].map((line) => ({ file: active, line, why: busyCallee })),
  { file: calls, line: "case 'test-ring':", why: rehearsal },
  { file: calls, line: "if (!test) effects.push({ type: 'close-window', call: id })", why: rehearsal },
  {
    file: calls,
    line: "if (leg.test) return endCall(leg, button === 'answer' ? 'answered-here' : 'declined-here', now)",
    why: rehearsal,
  },
  { file: leg, line: "if (leg.test) return 'ringing'", why: rehearsal },
  { file: leg, line: 'if (test) return left', why: rehearsal },
  { file: leg, line: "if (leg.test) return 'missed'", why: rehearsal },
  {
    file: calls,
    line: 'if (leg.end || leg.press) return leg',
    why: 'the simulated person presses only what rings, which is over in the same moment once in thousands',
    seldom: true,
  },
  {
    file: calls,
    line: 'if (isSettled(known)) return calls',
    why: 'the simulated server rings no call that it has said is over',
  },
  {
    file: calls,
    line: 'if (!leg || room === null || !isAnsweredHere(leg, event) || calls.entered.includes(call)) return [calls, []]',
    why: 'the simulated server tells the room to the device that answered, which has seldom been there before',
    seldom: true,
  },
  {
    file: active,
    line: 'export const devicesOf = (call: ActiveCall): number => (isOver(call) ? 0 : ringingDevices(call.legs))',
    why: 'asked of calls that are over by the API alone',
  },
  {
    file: 'server/calls/legs.ts',
    line: 'if (leg && (rings(leg) || (isAsked(leg) && !leg.inherited))) return legs',
    why: 'a connection that is asked twice, and came in the place of one that was asked, takes a slow server and a new connection',
    seldom: true,
  },
  {
    file: active,
    line: 'if (isOver(call)) return [call, []]',
    why: 'the simulation drops a call that is over, as the server does',
  },
  {
    file: active,
    line: "call.state === 'ringing' ? !anyAsked(call.legs) : !isTrying(call)",
    why: 'asked by the registry alone, of a caller who waits for the first answer',
  },
  {
    file: active,
    line: "case 'bus-returned':",
    why: 'another node has mostly taken the calls over by then',
    seldom: true,
  },
  {
    file: active,
    line: "deadlineOf(call) <= now ? endBy(call, missed('server-restarted')) : askMore(call, null, now)",
    why: 'a call whose time is over while nobody drives it takes a service that is away for that long',
    seldom: true,
  },
  ...[
    'const waitedFor = [...legs.values()].filter((leg) => rings(leg) || isAsked(leg))',
    'return [...new Set(waitedFor.flatMap(({ node }) => node ?? []))]',
  ].map((line) => ({ file: 'server/calls/legs.ts', line, why: ofNodes })),
  ...[
    'if (!leg || !isAsked(leg) || leg.inherited) return legs',
    "next.set(connection, { ...leg, state: leg.inherited ? 'lost' : 'unanswered' })",
  ].map((line) => ({ file: 'server/calls/legs.ts', line, why: inPlace, seldom: true as const })),
  {
    file: active,
    line: "case 'server-stopped':",
    why: 'the simulated server crashes, and never stops in order',
  },
  {
    file: active,
    line: "if (why === 'unreachable' || why === 'busy') return why",
    why: 'asked of calls of the record by the API alone',
  },
  {
    file: active,
    line: "return outcome === 'answered' || outcome === 'declined' ? 'ringing' : null",
    why: 'of a call that ends before its caller was told anything; else asked of calls of the record by the API alone',
    seldom: true,
  },
  ...['return overtakenStep(false) ?? lose(yieldConnection(state, true), false)'].map((line) => ({
    file: device,
    line,
    why: firstSaid,
    seldom: true as const,
  })),
  ...[
    "case 'storage-failed':",
    "case 'not-leased':",
    "if (event.after === 'taken-over') return yielded(state)",
  ].map((line) => ({ file: successor, line, why: ofMoves, seldom: true as const })),
  {
    file: device,
    line: 'return state.overtaken ? (succession(state, isLeased) ?? lose(state, false)) : null',
    why: ofMoves,
    seldom: true,
  },
  {
    file: device,
    line: "return successor && successor.connection.at !== 'closed' ? fail(from, successor, now, random) : same(from)",
    why: ofMoves,
    seldom: true,
  },
  ...["if (connection.at !== 'opening') return same(state)", ': same(state)'].map((line) => ({
    file: successor,
    line,
    why: outOfTurn,
    seldom: true as const,
  })),
  {
    file: successor,
    line: 'if (!isSound(event.timing)) return callOff(state)',
    why: 'the simulated server is one of ours, whose timing is sound',
  },
  {
    file: calls,
    line: '? { ...leg, connection: null, press: leg.press && { ...leg.press, sentOn: null } }',
    why: 'what was pressed is answered before the bus is lost but once in thousands',
    seldom: true,
  },
  ...[
    'if (known && compareOrders(order, known.order) <= 0) return []',
    "{ kind: 'outrank', connection, boot: known.order.boot, live: live || known.elsewhere === true },",
    'if (!held) return []',
  ].map((line) => ({ file: leases, line, why: ofMoves, seldom: true as const })),
  {
    file: device,
    line: "if (event.type === 'closed' && event.after === 'sign-out') return signOut(event)",
    why: 'a session ends between two connections of a move once in some thousands',
    seldom: true,
  },
  {
    file: leases,
    line: 'const boot = newest.get(held.device)?.order.boot ?? 0',
    why: 'kept for a reader of types: of a connection that is held the order is known',
  },
  {
    file: leases,
    line: 'connections.size === 0 && newest.size === 0',
    why: 'asked by the list of people alone, which is no part of the simulation',
  },
  {
    file: leases,
    line: "return lost.map((held) => ({ kind: 'refuse', connection: held.connection, n: held.n ?? 0, why }))",
    why: 'kept for a reader of types: a lease that is held was granted by a number',
  },
  ...[
    "if (status === 'busy' && until !== null && until > now) return { sees: 'busy', until }",
    "if (status === 'away') return { sees: 'away', until: null }",
    "if (inCall) return { sees: 'in-call', until: null }",
    "return { sees: devices.every(({ idle }) => idle) ? 'away' : 'available', until: null }",
  ].map((line) => ({ file: seenAs, line, why: onlyHides })),
  {
    file: contacts,
    line: "return sees === 'busy' ? { kind: sees, until, since } : { kind: sees, since }",
    why: onlyHides,
  },
  {
    file: contacts,
    line: 'return isSame(state.whom, event.whom) ? same(state) : watch({ ...state, whom: event.whom })',
    why: looksOn,
  },
  {
    file: contacts,
    line: 'if (!follows) return watch(state)',
    why: 'a connection keeps its frames in order and loses none; contact-presence-reducer.test has one that is missing',
  },
  {
    file: 'server/rooms/seat-reducer.ts',
    line: 'if (seat.isOver) return [seat, []]',
    why: 'the simulation drops a seat that is over, as the server does; seat-reducer.test asks one',
  },
  {
    file: 'server/rooms/seat-reducer.ts',
    line: "return end(seat, message.by === seat.side ? 'hungUp' : 'otherHungUp')",
    why: 'another page of whoever hangs up comes to its seat in the moment in which that is told',
    seldom: true,
  },
  {
    file: 'server/rooms/seat-reducer.ts',
    line: 'other: left > 0 ? { connection, state, until: now + left } : null,',
    why: 'a side shows something else between the end of its lease and the next look at it',
    seldom: true,
  },
]
