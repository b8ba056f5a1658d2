import * as v from 'valibot'
import { shownName } from './display-name.ts'

/** What messages are made of, whatever they are about. */

export const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
export const sequence = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
export const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0))

/** The end of the year 9999: a page that is to show a later day, or none that there is, would fail. */
const lastInstant = 253_402_300_799_999

/** Wall-clock time of the server, in milliseconds since 1970. */
export const instant = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(lastInstant))

/** What people are shown by. One that is no name takes no frame with it: it is cut to what can be shown, or is ''. */
export const name = v.pipe(v.string(), v.transform(shownName))

/** Why nobody took a call. */
export const whyMissed = v.picklist(['unreachable', 'no-answer', 'cancelled', 'busy', 'server-restarted'])
