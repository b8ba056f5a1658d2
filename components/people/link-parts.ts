import type { LinkifyIt } from 'linkify-it'

/** A piece of a message: text, or a link as it was written. */
export type TextPart = string | { readonly text: string; readonly url: string }

let loading: Promise<LinkifyIt> | undefined

/** What finds links is loaded once somebody reads a message: an opening popup has no use for it. */
export const loadLinks = (): Promise<LinkifyIt> =>
  (loading ??= import('linkify-it').then(({ linkifyit }) =>
    linkifyit({ fuzzyEmail: false, fuzzyIP: false, fuzzyLink: false, maxLength: 2_000 })
      .add('ftp:', null)
      .add('mailto:', null)
      .add('//', null),
  ))

/** The text with its links apart: addresses with http or https, which nobody opens but who clicks them. */
export function linkParts(text: string, links: LinkifyIt | undefined): readonly TextPart[] {
  const parts: TextPart[] = []
  let from = 0
  for (const { index, lastIndex, raw, url } of links?.match(text) ?? []) {
    if (!isWeb(url)) continue
    if (index > from) parts.push(text.slice(from, index))
    parts.push({ text: raw, url })
    from = lastIndex
  }
  if (from < text.length) parts.push(text.slice(from))
  return parts
}

function isWeb(url: string): boolean {
  try {
    return /^https?:$/.test(new URL(url).protocol)
  } catch {
    return false
  }
}
