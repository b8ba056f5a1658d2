/**
 * Whom to send away where there is room for no more: the one who takes the most, first of all networks of providers,
 * then of that provider's sites, then of that site's customers. Of several who take alike it is by lot: else whoever
 * came first, or last, would always be the one. What one has with one name is sent away in the reverse order of coming.
 */

/** What somebody's share is counted by: groups that hold each other, the widest first. */
export type Groups = readonly string[]

/**
 * @param all not empty, in the order in which they came, each with as many groups as the others.
 * @param had what a group had before, besides those.
 * @param random a number from 0 up to but not including 1.
 */
export function greediest<T extends { readonly from: Groups }>(
  all: readonly T[],
  had: (group: string) => number,
  random: () => number,
): T | undefined {
  let among = all
  for (let level = 0; among[0]?.from[level] !== undefined; level += 1) {
    const groups = [...Map.groupBy(among, ({ from }) => from[level] ?? '')]
    const share = ([group, members]: readonly [string, readonly T[]]) => had(group) + members.length
    const most = Math.max(...groups.map(share))
    const alike = groups.filter((group) => share(group) === most)
    among = alike[Math.floor(random() * alike.length)]?.[1] ?? among
  }
  return among.at(-1)
}
