/**
 * An id as one word of a subject. Ids that we make are such words; one from elsewhere may hold a dot, a blank or a
 * wildcard, by which it would name somebody else, or everybody.
 */
export const subjectWord = (id: string): string =>
  /^[A-Za-z0-9-]+$/.test(id) ? id : `_${Buffer.from(id).toString('base64url')}`
