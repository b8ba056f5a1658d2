/**
 * Where a key leads in a menu of `count` items, from the item at `index`: the arrows go round, Home and
 * End go to the ends. `undefined` when the key moves nothing.
 */
export function menuStep(key: string, index: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return (index + 1) % count
    case 'ArrowUp':
      return (index + count - 1) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}
