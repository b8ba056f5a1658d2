const goesWithoutSaying = /^https:\/\/(?!(localhost|127\.0\.0\.1|\[::1\])(:|$))/

/**
 * A server's origin as people are shown it: without the `https://` that a bare host is meant with (A7.1). Typed in
 * again it is the same address.
 */
export const hostWording = (origin: string): string => origin.replace(goesWithoutSaying, '')
