/** Letters, digits, `_`, `.` and `-`, 1 to 64 of them; upper and lower case are the same name. */
export const isUsername = (name: string): boolean => /^[a-zA-Z0-9_.-]{1,64}$/.test(name)

/** A login as it is compared: usernames and email addresses are told apart by the `@`. */
export const normalLogin = (login: string): string => login.trim().normalize('NFKC').toLowerCase()

export const isEmail = (login: string): boolean => login.includes('@')
