import * as v from 'valibot'
import type { Json } from '../json.ts'

/** Where all are told between whom it has changed who may see and ring whom. */
export const relatedSubject = 'people.related'

const related = v.object({ one: v.string(), other: v.string() })

/** @throws ValiError when it does not name two. */
export const parseRelated = (payload: Json): v.InferOutput<typeof related> => v.parse(related, payload)
