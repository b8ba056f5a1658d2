import type { UnattendedPerson } from './unattended-person.ts'

/** Between two looks, while all is well, and from soon after a fault on until all is well again: milliseconds. */
const lookEvery = 1_000
const lookCloserEvery = 100
/** T9: once all is mended, green again within this. */
export const backWithin = 45_000
/** Where nothing is broken, a badge may doubt for so long, as after a clock that jumped. */
const doubtWithin = 5_000

/** What was seen of a badge; times in milliseconds. */
export interface Seen {
  looks: number
  /** The longest from a fault to the first look that found the badge no longer green. */
  falseGreen: number
  /** The longest that it did not say so though nothing was broken. */
  notGreen: number
  /** The longest from a fault mended to green. */
  back: number
  /** Starts of the background that were seen. */
  readonly boots: Set<string>
  /** Calls placed while they could get through, and calls that a device acknowledged. */
  placed: number
  acknowledged: number
  /** Every bound that was broken, in words. */
  readonly broken: string[]
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`

/** Anything of it that says that calls can reach the person. */
const isGreen = (light: string) => light.includes('green')

/** Looks at a badge until `over`, and holds it against the path. */
async function watch({ badge, path }: UnattendedPerson, seen: Seen, over: () => boolean): Promise<void> {
  let gotThroughAt = performance.now()
  let notGreenSince: number | undefined
  let wasGreen = true
  while (!over()) {
    const before = path.getsThrough()
    const lookedAt = performance.now()
    const [light, boot] = [await badge.light(), await badge.boot()]
    const [now, after, green] = [performance.now(), path.getsThrough(), isGreen(light)]
    const [broken, mendedAt] = [path.broken(), path.mendedAt()]
    seen.looks += 1
    if (boot !== undefined) seen.boots.add(boot)
    if (before && after) gotThroughAt = now
    const whole = broken === undefined && mendedAt === undefined
    notGreenSince = !whole || green || light.includes('ringing') ? undefined : (notGreenSince ?? now)
    if (notGreenSince !== undefined) {
      seen.notGreen = Math.max(seen.notGreen, now - notGreenSince)
      if (now - notGreenSince > doubtWithin)
        seen.broken.push(`no fault: not green for ${seconds(now - notGreenSince)}`)
    }
    if (!before && !after && (green || wasGreen)) {
      const since = broken?.since ?? gotThroughAt
      seen.falseGreen = Math.max(seen.falseGreen, now - since)
      // Of a badge that is green no more, nobody knows since when.
      if (green && lookedAt - since > path.greenWithin())
        seen.broken.push(`${broken?.by ?? 'no fault'}: green for ${seconds(lookedAt - since)}`)
    }
    if (mendedAt !== undefined) {
      seen.back = Math.max(seen.back, now - mendedAt)
      if (now - mendedAt > backWithin)
        seen.broken.push(`not green ${seconds(now - mendedAt)} after all was mended`)
      if (before && after && green) path.seenGreen()
    }
    wasGreen = green
    const next = now + (before && after && green ? lookEvery : lookCloserEvery)
    do await pause(lookCloserEvery)
    while (performance.now() < next && path.broken() === broken)
  }
}

/**
 * Places calls until `over`: where one gets through, a device acknowledges it; where none does, nobody is told that it
 * rings.
 */
async function placeCalls(
  { path, clinic, person }: UnattendedPerson,
  seen: Seen,
  every: number,
  over: () => boolean,
): Promise<void> {
  for (let at = performance.now() + every; ; at += every) {
    while (performance.now() < at && !over()) await pause(lookCloserEvery)
    if (over()) return
    const before = path.getsThrough()
    const placed = await clinic.call(person.username).catch(() => undefined)
    const after = path.getsThrough()
    if (before !== after) continue
    if (before) seen.placed += 1
    const rings = placed !== undefined && placed.devices > 0
    if (rings) seen.acknowledged += 1
    if (rings !== before)
      seen.broken.push(rings ? 'a call rang that could not' : 'a call did not ring that could')
    if (placed) await clinic.cancel(placed.id).catch(() => undefined)
  }
}

/** Watches a badge for so long, calling its person now and then: milliseconds. */
export async function watchBadge(
  unattended: UnattendedPerson,
  { lasting, callEvery }: { readonly lasting: number; readonly callEvery: number },
): Promise<Seen> {
  const ends = performance.now() + lasting
  const over = () => performance.now() > ends
  const seen: Seen = {
    looks: 0,
    falseGreen: 0,
    notGreen: 0,
    back: 0,
    boots: new Set(),
    placed: 0,
    acknowledged: 0,
    broken: [],
  }
  await Promise.all([watch(unattended, seen, over), placeCalls(unattended, seen, callEvery, over)])
  return seen
}
