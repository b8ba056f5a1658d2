import * as v from 'valibot'
import type { Json } from '../json.ts'

/** Where one node is reached. */
export const nodeSubject = (node: string): string => `node.${node}`

/** Which leases a person holds there; answered with `HeldLeases`. */
const nodeMessage = v.object({ kind: v.literal('leases'), user: v.string() })

export type NodeMessage = v.InferOutput<typeof nodeMessage>

/** @throws ValiError when it is not a message for a node. */
export const parseNodeMessage = (payload: Json): NodeMessage => v.parse(nodeMessage, payload)

const heldLeases = v.object({
  leases: v.array(
    v.object({
      session: v.string(),
      device: v.string(),
      /** For how long it is still proven that a call would ring there, ms. */
      left: v.number(),
    }),
  ),
  /** Wall-clock ms at which the person's last lease there ended, as far as it is not in the database yet. */
  endedAt: v.nullable(v.number()),
})

/** What a person holds at one node. */
export type HeldLeases = v.InferOutput<typeof heldLeases>

/** @throws ValiError when it is none. */
export const parseHeldLeases = (payload: Json): HeldLeases => v.parse(heldLeases, payload)
