/** What a node says in the database of whom it hears over the bus. */
export interface HearingNode {
  readonly id: string
  /** Database ms. */
  readonly startedAt: number
  /** The nodes that live and that it does not hear; null where it has lost the bus, and hears nobody. */
  readonly unheard: readonly string[] | null
}

/**
 * The nodes that may go on where not all of them hear one another: the most that do, and of two parts of one size that
 * of the oldest node. Each of them hears each other one. Whoever reads the same says the same.
 *
 * @returns their ids. Nodes that have lost the bus are in no part.
 */
export function mainPart(nodes: readonly HearingNode[]): ReadonlySet<string> {
  const hearing = nodes.filter(({ unheard }) => unheard !== null)
  const hears = (a: HearingNode, b: HearingNode) => !a.unheard?.includes(b.id) && !b.unheard?.includes(a.id)
  const ranked = hearing
    .map((node) => ({ node, heard: hearing.filter((other) => hears(node, other)).length }))
    .sort(
      (a, b) => b.heard - a.heard || a.node.startedAt - b.node.startedAt || (a.node.id < b.node.id ? -1 : 1),
    )
  const part: HearingNode[] = []
  for (const { node } of ranked) if (part.every((other) => hears(node, other))) part.push(node)
  return new Set(part.map(({ id }) => id))
}
