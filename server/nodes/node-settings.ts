import { createHmac } from 'node:crypto'
import { StartupError } from '../startup-error.ts'

/** What all nodes of one service have to have alike. */
export interface SharedSettings {
  readonly authSecret: string
  readonly publicUrl: string
}

const print = (secret: string, text: string) =>
  createHmac('sha256', secret).update(`node-settings\0${text}`).digest('base64url').slice(0, 22)

/** By what nodes know whether they have the same, which tells nothing of either: `<of the secret>.<of the address>`. */
export const settingsPrint = ({ authSecret, publicUrl }: SharedSettings): string =>
  `${print(authSecret, 'secret')}.${print(authSecret, `address ${publicUrl}`)}`

/**
 * Which of the shared settings two nodes do not have alike.
 *
 * @param theirs null of a node of an older version, of which nothing is known.
 */
export function differingSetting(
  own: string,
  theirs: string | null,
): 'AUTH_SECRET' | 'PUBLIC_URL' | undefined {
  if (theirs === null || theirs === own) return undefined
  return theirs.split('.')[0] === own.split('.')[0] ? 'PUBLIC_URL' : 'AUTH_SECRET'
}

/** For a node that may not start beside those that run. */
export const otherSettings = (setting: string, node: string): StartupError =>
  new StartupError(
    `The node ${node.slice(0, 8)} runs on the database in DATABASE_URL with another ${setting} than the one set here: give this node the same, or stop all nodes before you change it.`,
  )
