import * as v from 'valibot'

/** An id or a name in a path, as it is described. */
export const textParameter = v.pipe(v.string(), v.minLength(1))
