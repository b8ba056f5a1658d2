import type { Equivalent } from './mutants.ts'

const device = 'entrypoints/background/reachability/'
const calls = 'entrypoints/background/calls/'

/** The types leave no value for which it would be reached. */
const never = (file: string, original: string): Equivalent => ({
  file,
  line: 'default:',
  original: `default: return ${original} satisfies never`,
  replacement: 'default:',
  why: 'the types leave no value for this branch',
})

/**
 * The changes that nobody can notice, each with its reason. One that is noticed after all, or whose place is gone,
 * fails the proof: this list must say what is so.
 */
export const equivalent: readonly Equivalent[] = [
  never(`${device}next-look.ts`, 'connection'),
  never(`${device}reachability-reducer.ts`, 'event.after'),
  never(`${device}reachability-reducer.ts`, 'event'),
  never(`${device}reachability-reducer.ts`, 'connection'),
  {
    file: `${device}reachability-reducer.ts`,
    line: "if (event.type === 'closed' && event.after === 'sign-out') return signOut(event)",
    original: "event.type === 'closed'",
    replacement: 'true',
    why: 'no other event has an `after`',
  },
  never(`${device}successor.ts`, 'event'),
  never(`${device}successor.ts`, 'connection'),
  {
    file: `${device}successor.ts`,
    line: "const keeps = isLeased && isFirst && by.at === 'open' && connection.at === 'open'",
    original: "connection.at === 'open'",
    replacement: 'true',
    why: 'a connection that has a successor is open: whatever ends that calls the successor off',
  },
  {
    file: `${device}state.ts`,
    line: 'overtaken: false,',
    original: 'false',
    replacement: 'true',
    why: 'read of a connection alone, and each begins anew with it',
  },
  never(`${calls}incoming-call-reducer.ts`, 'event'),
  {
    file: `${calls}driver.ts`,
    line: 'default:',
    original: 'default: effect satisfies never',
    replacement: 'default:',
    why: 'as above',
  },
  {
    file: `${calls}incoming-call-reducer.ts`,
    line: "if (event.type !== 'over') return [calls, []]",
    original: "event.type !== 'over'",
    replacement: 'false',
    why: 'no other event has a room',
  },
  {
    file: `${device}driver.ts`,
    line: 'let last = { online: true, clocks: dependencies.clocks() }',
    original: 'true',
    replacement: 'false',
    why: 'before the first event nobody is signed in, and then a doubt does as little as a wake-up',
  },
  {
    file: `${device}state.ts`,
    line: "connection.at === 'open' ? connection.lease : null",
    original: "connection.at === 'open'",
    replacement: 'true',
    why: 'a connection that is not open has no lease to be read',
  },
  {
    file: `${device}reachability-reducer.ts`,
    line: 'heartbeat: { n: 0, sentAt: now, answered: true },',
    original: 'true',
    replacement: 'false',
    why: 'the first heartbeat takes its place in the same step; only its number is read',
  },
  {
    file: 'protocol/seen-as.ts',
    line: "if (status === 'busy' && until !== null && until > now) return { sees: 'busy', until }",
    original: 'until !== null',
    replacement: 'true',
    why: 'null is after no moment of a wall clock',
  },
  {
    file: 'server/presence/lease-reducer.ts',
    line: 'const isLive = ({ until }: HeldConnection, now: number) => until !== null && until > now',
    original: 'until !== null',
    replacement: 'true',
    why: 'null is after no moment of a monotonic clock, which begins at 0',
  },
  {
    file: 'server/presence/lease-reducer.ts',
    line: 'connections.size === 0 && newest.size === 0',
    original: 'connections.size === 0',
    replacement: 'true',
    why: 'a device that has a connection has a newest one',
  },
  {
    file: 'server/presence/lease-reducer.ts',
    line: 'const boot = newest.get(held.device)?.order.boot ?? 0',
    original: 'newest.get(held.device)?.order',
    replacement: 'newest.get(held.device).order',
    why: 'a device that has a connection has a newest one',
  },
  {
    file: 'server/rooms/seat-reducer.ts',
    line: 'if (message.connection < seat.connection) return [seat, [publish(seat, now, false)]]',
    original: 'message.connection < seat.connection',
    replacement: 'message.connection <= seat.connection',
    why: 'its own word was taken a line before',
  },
  {
    file: 'web/place/visit-reducer.ts',
    line: "if (visit.kind !== 'asking' || visit.key !== event.key) return visit",
    original: "visit.kind !== 'asking'",
    replacement: 'false',
    why: 'nothing else has a key',
  },
  {
    file: 'web/place/visit-reducer.ts',
    line: "visit.kind === 'waiting' && visit.id === id",
    original: "visit.kind === 'waiting'",
    replacement: 'true',
    why: 'nothing else has an id',
  },
  {
    file: 'web/place/visit-reducer.ts',
    line: "export const isBlocked = (visit: Visit): boolean => visit.kind === 'over' && visit.outcome === 'blocked'",
    original: "visit.kind === 'over'",
    replacement: 'true',
    why: 'nothing else has an outcome',
  },
  {
    file: 'server/calls/active-call-reducer.ts',
    line: 'ringUntil === null || rung ? ringUntil : Math.min(ringUntil, waitUntil)',
    original: 'ringUntil === null',
    replacement: 'false',
    why: 'a call without it asks nobody and has not rung, and what it has then is taken away at once',
  },
]
