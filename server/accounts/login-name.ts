import * as v from 'valibot'

/** Letters, digits, `_`, `.` and `-`, 1 to 64 of them; upper and lower case are the same name. */
export const isUsername = (name: string): boolean => /^[a-zA-Z0-9_.-]{1,64}$/.test(name)

/** Names that are reserved so that no mail ever reaches them (RFC 2606, section 2). */
const reserved = /\.invalid$/i

const emailAddress = v.pipe(
  v.string(),
  v.maxLength(200),
  // Plain ASCII, without quotes and brackets.
  v.rfcEmail(),
  // At a domain of the internet: with a dot, and no number at its end.
  v.regex(/\.[a-z][a-z0-9-]*$/i),
  v.check((email) => !reserved.test(email)),
)

/** Whether an account can have this address, whoever gives it. */
export const isEmailAddress = (text: string): boolean => v.is(emailAddress, text)

/**
 * An address that can be compared without guessing: plain ASCII, in lower case. Others look alike to people
 * or fold into each other (a Kelvin sign becomes a k), so with them somebody could pass for somebody else.
 */
export const comparableEmail = (email: string | undefined): string | undefined =>
  email !== undefined && isEmailAddress(email) ? email.toLowerCase() : undefined

/** The domain of what `isEmailAddress` says to be one, in lower case. */
export const domainOfEmail = (email: string): string => email.slice(email.lastIndexOf('@') + 1).toLowerCase()

/** A login as it is compared: a username or an email address. What is normal already stays as it is. */
export const normalLogin = (login: string): string =>
  // Composing may bring a space to the front (a dead key before a letter), and small letters may compose anew.
  login.normalize('NFKC').toLowerCase().normalize('NFKC').trim()

/** Every login by which somebody can be named, as it is compared. */
export const loginsOf = ({ email, username }: { email: string; username: string | null }): string[] =>
  [email, ...(username === null ? [] : [username])].map(normalLogin)

/** Where a login, as it is compared, is to be looked for: the `@` tells. */
export const loginColumn = (login: string): 'email' | 'username' =>
  login.includes('@') ? 'email' : 'username'
