import { silenceBound } from '../../../../protocol/timing.ts'
import { canonical } from './canonical.ts'
import { recover } from './recover.ts'
import { beginning, currentOf, type System, timing, wouldRing } from './system.ts'
import { after, transitionsOf } from './transitions.ts'

export interface Scope {
  readonly copies: number
  readonly faults: number
  /** Of the service. */
  readonly nodes: number
  /** Nodes are drained, and nothing else goes wrong; nor does time pass, in which a message could be late. */
  readonly of: 'faults' | 'drains'
  /** More connections at once are not looked at: the oldest that was let go of is lost. */
  readonly connections: number
  /** Those beyond are not looked at. */
  readonly mostStates: number
}

export interface Found {
  readonly states: number
  /** How many transitions the farthest state is away from the beginning. */
  readonly depth: number
  /** Whether no new state was left to be found. */
  readonly whole: boolean
  /** The longest that a state took to be green for good once everything was mended, in milliseconds. */
  readonly longestRecovery: number
  /** What is wrong with the first bad state, and the shortest way there; null when there is none. */
  readonly fault: { readonly what: string; readonly trace: readonly string[] } | null
}

/** Breadth first: every state that can be reached from the beginning, each looked at once. */
export function search(scope: Scope): Found {
  const { copies, faults, connections, mostStates, nodes } = scope
  const drains = scope.of === 'drains'
  const seen = new Set<string>()
  const recovered = new Map<string, number | string>()
  /** How each state was come by: the state before, and which of its transitions. */
  const parents: number[] = [-1]
  const chosen: number[] = [-1]
  let longestRecovery = 0
  const first = beginning(copies, faults, nodes)
  seen.add(canonical(first))
  let level: { readonly system: System; readonly id: number }[] = [{ system: first, id: 0 }]
  let depth = 0

  const traceOf = (id: number) => {
    const ids: number[] = []
    for (let at = id; at > 0; at = parents[at] ?? 0) ids.unshift(at)
    let system = first
    return ids.map((step) => {
      const transition = transitionsOf(system, drains)[chosen[step] ?? 0]
      if (!transition) throw new Error('a transition of the trace is not there')
      system = after(system, transition, connections)
      return `${transition.what}${transition.who < 0 ? '' : ` (${transition.who})`}`
    })
  }

  while (level.length > 0) {
    const next: typeof level = []
    for (const { system, id } of level) {
      if (parents.length >= mostStates)
        return { states: parents.length, depth, whole: false, longestRecovery, fault: null }
      for (const [index, transition] of transitionsOf(system, drains).entries()) {
        const reached = after(system, transition, connections)
        const text = canonical(reached)
        if (seen.has(text)) continue
        seen.add(text)
        const child = parents.push(id) - 1
        chosen.push(index)
        const recovery = recover(reached, recovered)
        const what =
          wrongWith(reached) ??
          (drains ? darkBy(system, reached) : null) ??
          (typeof recovery === 'string' ? recovery : null)
        const states = parents.length
        if (what)
          return { states, depth, whole: false, longestRecovery, fault: { what, trace: traceOf(child) } }
        longestRecovery = Math.max(longestRecovery, Number(recovery))
        next.push({ system: reached, id: child })
      }
    }
    if (next.length > 0) depth += 1
    level = next
  }
  return { states: parents.length, depth, whole: true, longestRecovery, fault: null }
}

/** A drain alone takes no badge from green (L3.10). */
const darkBy = (before: System, after: System): string | null =>
  before.devices.some(({ green }, i) => green && !after.devices[i]?.green) ? 'a drain alone left green' : null

function wrongWith(system: System): string | null {
  if (system.broken) return system.broken
  for (const [index, { worker, green, wrongSince }] of system.devices.entries()) {
    if (!worker) continue
    if (system.devices.length === 1 && worker.state.reason === 'taken-over')
      return 'taken over is said without another copy'
    if (!green || wouldRing(system, index)) continue
    if (wrongSince !== null && system.now - wrongSince > silenceBound(timing))
      return `green for ${system.now - wrongSince} ms after its lease ended`
    const connection = currentOf(system, index)
    const coming = connection?.toDevice ?? []
    if (!connection?.silent && !coming.some(({ type }) => type === 'closed' || type === 'no-lease'))
      return 'green without a lease, and nothing is under way that ends it'
  }
  return null
}
