import * as v from 'valibot'

/** Letters, digits, `_`, `.` and `-`, 1 to 64 of them; upper and lower case are the same name. */
export const isUsername = (name: string): boolean => /^[a-zA-Z0-9_.-]{1,64}$/.test(name)

const emailAddress = v.pipe(v.string(), v.email(), v.maxLength(200))

export const isEmailAddress = (text: string): boolean => v.is(emailAddress, text)

/**
 * An address that can be compared without guessing: plain ASCII, in lower case. Others look alike to people
 * or fold into each other (a Kelvin sign becomes a k), so with them somebody could pass for somebody else.
 */
export function comparableEmail(email: string | undefined): string | undefined {
  const plain = /^[\x21-\x3f\x41-\x7e]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i
  return email !== undefined && plain.test(email) ? email.toLowerCase() : undefined
}

/** A login as it is compared: a username or an email address. What is normal already stays as it is. */
export const normalLogin = (login: string): string =>
  // Composing may bring a space to the front (a dead key before a letter), and small letters may compose anew.
  login.normalize('NFKC').toLowerCase().normalize('NFKC').trim()

/** Where a login, as it is compared, is to be looked for: the `@` tells. */
export const loginColumn = (login: string): 'email' | 'username' =>
  login.includes('@') ? 'email' : 'username'
