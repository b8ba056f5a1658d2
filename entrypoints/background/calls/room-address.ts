import { parseUrl } from '../parse-url.ts'

/** A call's room as it may be opened, or null: a server may name any web address, and nothing else. */
export function roomAddress(room: string | undefined): string | null {
  const url = room === undefined ? null : parseUrl(room)
  return url && /^https?:$/.test(url.protocol) ? url.href : null
}
