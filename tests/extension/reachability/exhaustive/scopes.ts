import type { Found, Scope } from './search.ts'

const deep = process.env.EXHAUSTIVE === 'deep'

const oneNode = { nodes: 1, of: 'faults' } as const
const twoNodes = { nodes: 2, of: 'faults' } as const
/** Of nodes that are restarted one after the other, and nothing else. */
const drained = { nodes: 2, of: 'drains', copies: 1, mostStates: Infinity } as const

const small: readonly Scope[] = [
  { ...oneNode, copies: 1, faults: 1, connections: 2, mostStates: Infinity },
  { ...twoNodes, copies: 1, faults: 1, connections: 2, mostStates: 10_000 },
  { ...drained, faults: 2, connections: 3 },
  { ...oneNode, copies: 2, faults: 0, connections: 2, mostStates: 5_000 },
]

const large: readonly Scope[] = [
  { ...oneNode, copies: 1, faults: 3, connections: 3, mostStates: Infinity },
  { ...oneNode, copies: 1, faults: 2, connections: 4, mostStates: Infinity },
  { ...twoNodes, copies: 1, faults: 1, connections: 2, mostStates: Infinity },
  { ...twoNodes, copies: 1, faults: 2, connections: 3, mostStates: 250_000 },
  { ...drained, faults: 4, connections: 4 },
  { ...oneNode, copies: 2, faults: 0, connections: 2, mostStates: Infinity },
  { ...twoNodes, copies: 2, faults: 1, connections: 3, mostStates: 250_000 },
  { ...oneNode, copies: 2, faults: 1, connections: 3, mostStates: 500_000 },
]

/** What is looked at: little in every test run, and all of it with `EXHAUSTIVE=deep`. */
export const scopesOf = (copies: number, nodes: readonly number[] = [1, 2]): Scope[] =>
  (deep ? large : small).filter((scope) => scope.copies === copies && nodes.includes(scope.nodes))

/** What was tried, in one line for `npm run prove`. */
export const told = (
  { copies, faults, nodes, of, connections }: Scope,
  { states, depth, whole, longestRecovery }: Found,
) =>
  `tried: ${copies} profile${copies > 1 ? 's' : ''}, ${nodes} node${nodes > 1 ? 's' : ''}, ${faults} ${of}, ${connections} connections: ` +
  `${states.toLocaleString('en')} states, ${depth} transitions deep${whole ? ', all there are' : ', not all there are'}; ` +
  `green after ${longestRecovery / 1_000} s at most`
