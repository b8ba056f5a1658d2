import * as v from 'valibot'
import type { Json } from '../json.ts'
import { subjectWord } from './subject-word.ts'

/** Where whoever holds connections of a person reports what becomes of a ring there, in order. */
export const legsSubject = (userId: string): string => `legs.${subjectWord(userId)}`

const legReport = v.variant('kind', [
  /** A ring was sent. Every `asked` of a ring is published before the ring's request is answered. */
  v.object({
    kind: v.literal('asked'),
    call: v.string(),
    connection: v.string(),
    device: v.string(),
    /** The node that holds the connection, of several. */
    node: v.optional(v.string()),
  }),
  /** By a connection that holds a lease. */
  v.object({ kind: v.literal('acknowledged'), call: v.string(), connection: v.string() }),
  /** The connection can ring no more. */
  v.object({ kind: v.literal('lost'), connection: v.string() }),
  /** The same, and the device has a newer one. */
  v.object({ kind: v.literal('replaced'), connection: v.string(), by: v.string() }),
  v.object({ kind: v.literal('lease-gained'), connection: v.string() }),
])

export type LegReport = v.InferOutput<typeof legReport>

/** @throws ValiError when it is not a report of a leg. */
export const parseLegReport = (payload: Json): LegReport => v.parse(legReport, payload)
