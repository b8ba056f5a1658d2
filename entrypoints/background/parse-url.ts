/** Reads an absolute address, or gives null. `URL.parse` is newer than the oldest browsers that this runs in. */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}
