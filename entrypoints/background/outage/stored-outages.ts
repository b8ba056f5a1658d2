import * as v from 'valibot'
import type { UnreachableReason } from '../../../messages/state.ts'
import { isUnreachableReason } from '../../../messages/unreachable-reasons.ts'
import { browser } from '../../../platform/browser.ts'
import { createLatestWriter } from '../latest-write.ts'
import type { KeptOutages, Outages } from './outage-reducer.ts'

export interface OutageStore {
  /** What an earlier worker kept, and when, by the wall clock. Rejects when the browser cannot read it. */
  readonly read: () => Promise<{ readonly kept: KeptOutages | null; readonly at: number }>
  readonly write: (outages: Outages, wall: number) => void
}

const moment = v.nullable(v.number())
const why = v.nullable(v.custom<UnreachableReason>(isUnreachableReason))

const keptOutages = v.object({
  confirmedAt: moment,
  session: v.picklist(['unknown', 'at-rest', 'expected']),
  outage: v.nullable(
    v.object({
      since: moment,
      awake: v.number(),
      why,
      told: v.boolean(),
      heard: v.boolean(),
      corrections: v.number(),
    }),
  ),
  patience: v.number(),
  toldUntil: moment,
  notice: v.nullable(
    v.variant('says', [
      v.object({ says: v.literal('off'), why, since: moment }),
      v.object({ says: v.literal('back'), confirmedAt: v.number() }),
    ]),
  ),
  asked: v.boolean(),
  closed: v.boolean(),
  owesBack: v.boolean(),
})

const stored = v.object({ at: v.number(), kept: keptOutages })

const key = 'outages'
/** Written by `connection/message-router.ts` with each heartbeat that is confirmed. */
const confirmedKey = 'confirmedAt'

/** Time awake is written this often, in milliseconds: a new worker counts what came after by the wall clock. */
const writeEvery = 20_000

/** Keeps outages over the worker's death, until the browser closes: its next start is another story. */
export function createOutageStore(): OutageStore {
  const writer = createLatestWriter((value: v.InferOutput<typeof stored>) =>
    browser.storage.session.set({ [key]: value }),
  )
  let last = ''

  return {
    read: async () => {
      const read = await browser.storage.session.get([key, confirmedKey])
      const parsed = v.safeParse(stored, read[key])
      if (!parsed.success) return { kept: null, at: 0 }
      const { at, kept } = parsed.output
      const confirmed = v.safeParse(v.number(), read[confirmedKey])
      // What was confirmed before that was written is in it, or is another person's.
      const isLater = kept.session === 'expected' && confirmed.success && confirmed.output > at
      return { kept: isLater ? { ...kept, confirmedAt: confirmed.output } : kept, at }
    },
    write: ({ lookedAt: _, unseen: __, ...kept }, wall) => {
      const awake = kept.outage && !kept.outage.told ? Math.floor(kept.outage.awake / writeEvery) : 0
      // Neither each second awake nor each heartbeat is written here: both are known otherwise.
      const text = JSON.stringify([{ ...kept, confirmedAt: null, outage: { ...kept.outage, awake } }])
      if (text === last) return
      last = text
      writer.write({ at: wall, kept })
    },
  }
}
