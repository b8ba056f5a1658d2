import type { LinkRow } from '../database/mail-tables.ts'

const day = 86_400_000

/** How long each kind of link lives, ms. */
export const linkLifetime: Record<LinkRow['kind'], number> = {
  reset: day,
  'sign-up': day,
  invitation: 7 * day,
}

/** What a link is at a moment: good for one use, or why not. */
export type LinkState = 'good' | 'expired' | NonNullable<LinkRow['endedBy']>

export const linkState = (link: Pick<LinkRow, 'endedBy' | 'diesAt'>, now: number): LinkState =>
  link.endedBy ?? (now >= link.diesAt ? 'expired' : 'good')
