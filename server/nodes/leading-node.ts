import type { OtherNode } from './node-record.ts'

/**
 * Whether this node does what one of all is to do: of those that hear one another, and are not about to go, the one whose
 * name comes first. For a moment there may be none or two: whatever is done has to bear that.
 *
 * @param id of this node, which is to have the bus itself. @param others those that live.
 */
export const isLeadingNode = (
  id: string,
  others: readonly Pick<OtherNode, 'id' | 'draining' | 'unheard'>[],
): boolean =>
  others.every(
    (other) => other.draining || other.unheard === null || other.unheard.includes(id) || id < other.id,
  )
