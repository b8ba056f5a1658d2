/** As the settings and everything that we say count it, in bytes. */
export const megabyte = 1_048_576
