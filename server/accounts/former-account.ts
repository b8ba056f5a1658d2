/** What a person is called whose account is deleted. */
export const formerName = 'Deleted account'

const formerDomain = 'deleted.invalid'

/** An address that is nobody's: no mail can go there (RFC 2606). */
export const formerEmail = (userId: string): string => `${userId.toLowerCase()}@${formerDomain}`

/** Matches the addresses of deleted accounts, for SQL's `like`. */
export const formerEmails = `%@${formerDomain}`
