import type { Light } from '../support/device.ts'
import type { Clinic } from '../support/server/clinic.ts'
import type { Way } from './way.ts'

/** Between two looks, and while a fault lasts: milliseconds. */
const lookEvery = 1_000
const lookCloserEvery = 100
/** T9: once all is mended, green again within this. */
const backWithin = 45_000
/** Where nothing is broken, a light may doubt for so long, as after a clock that jumped. */
const darkWithin = 5_000

/** What was seen of a light; times in milliseconds. */
export interface Seen {
  looks: number
  /** The longest that it said that calls get through when they did not, and that it did not say so though nothing was broken. */
  falseGreen: number
  dark: number
  /** The longest from a fault mended to green. */
  back: number
  /** Starts of the background that were seen. */
  readonly boots: Set<string>
  placed: number
  acknowledged: number
  /** Every bound that was broken, in words. */
  readonly broken: string[]
}

export interface Watched {
  readonly light: Light
  readonly way: Way
  readonly clinic: Clinic
  readonly callee: string
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`

/** The badge of someone whom calls can reach: missed calls are counted in it. */
const isGreen = (badge: string) => /^(ON|\d+\+?)$/.test(badge)

/** Looks at a light until `over`, and holds it against the way. */
async function look({ light, way }: Watched, seen: Seen, over: () => boolean): Promise<void> {
  let carriedAt = performance.now()
  let darkSince: number | undefined
  let wasGreen = true
  while (!over()) {
    const before = way.carries()
    const [badge, boot] = [await light.badge(), await light.boot()]
    const [now, after, green] = [performance.now(), way.carries(), isGreen(badge)]
    seen.looks += 1
    if (boot !== undefined) seen.boots.add(boot)
    if (before && after) carriedAt = now
    const whole = way.broken() === undefined && way.mended() === undefined
    darkSince = !whole || green || badge === 'RING' ? undefined : (darkSince ?? now)
    if (darkSince !== undefined) {
      seen.dark = Math.max(seen.dark, now - darkSince)
      if (now - darkSince > darkWithin)
        seen.broken.push(`no fault: not green for ${seconds(now - darkSince)}`)
    }
    if (!before && !after && (green || wasGreen)) {
      const lie = now - (way.broken()?.since ?? carriedAt)
      seen.falseGreen = Math.max(seen.falseGreen, lie)
      if (lie > way.bound())
        seen.broken.push(`${way.broken()?.fault ?? 'no fault'}: green for ${seconds(lie)}`)
    }
    const mended = way.mended()
    if (mended !== undefined) {
      seen.back = Math.max(seen.back, now - mended)
      if (now - mended > backWithin)
        seen.broken.push(`not green ${seconds(now - mended)} after all was mended`)
      if (before && after && green) way.seenGreen()
    }
    wasGreen = green
    await pause(before && after && green ? lookEvery : lookCloserEvery)
  }
}

/** Places calls until `over`: where one gets through, a device acknowledges it; where none does, nobody is told that it rings. */
async function call({ way, clinic, callee }: Watched, seen: Seen, every: number, over: () => boolean) {
  for (let at = performance.now() + every; ; at += every) {
    while (performance.now() < at && !over()) await pause(lookCloserEvery)
    if (over()) return
    const before = way.carries()
    const placed = await clinic.call(callee).catch(() => undefined)
    const after = way.carries()
    if (before !== after) continue
    if (before) seen.placed += 1
    const rings = placed !== undefined && placed.devices > 0
    if (rings) seen.acknowledged += 1
    if (rings !== before)
      seen.broken.push(rings ? 'a call rang that could not' : 'a call did not ring that could')
    if (placed) await clinic.cancel(placed.id).catch(() => undefined)
  }
}

/** Watches a light for so long, calling its person now and then: milliseconds. */
export async function watchLight(
  watched: Watched,
  { lasting, callEvery }: { readonly lasting: number; readonly callEvery: number },
): Promise<Seen> {
  const ends = performance.now() + lasting
  const over = () => performance.now() > ends
  const seen: Seen = {
    ...{ looks: 0, falseGreen: 0, dark: 0, back: 0, placed: 0, acknowledged: 0 },
    ...{ boots: new Set<string>(), broken: [] },
  }
  await Promise.all([look(watched, seen, over), call(watched, seen, callEvery, over)])
  return seen
}
