import type { ServerAnswer } from '../messages/commands.ts'
import { hostWording } from './host-wording.ts'

/** Why nobody can log in for now, whoever they are. */
export type Trouble = Exclude<ServerAnswer, 'fine'>

export interface TroubleWording {
  readonly sentence: string
  /** What else helps to find the fault. */
  readonly more?: string
  /** Whether the server's address may be at fault. */
  readonly checkServer: boolean
}

const addressOf = (server: string) => `Its address here is ${hostWording(server)}.`

export const offline = 'This computer is offline.'

/** @param server as it is called where it is said. */
export const otherVersion = (server: string): string =>
  `${server} speaks another version. Update the extension, or ask for the server to be updated.`

/** @param server its origin. */
export function troubleWording(trouble: Trouble, server: string): TroubleWording {
  switch (trouble) {
    case 'no-network':
      return {
        sentence: offline,
        more: 'Log in once it is connected.',
        checkServer: false,
      }
    case 'server-silent':
      return { sentence: 'The server does not answer.', more: addressOf(server), checkServer: true }
    case 'not-a-reachable-server':
      return {
        // It may also be one that does not know this extension's id.
        sentence: 'Something answers, but not as a Reachable server.',
        more: `It may be down just now. ${addressOf(server)}`,
        checkServer: true,
      }
    case 'outdated':
      return { sentence: otherVersion('The server'), checkServer: false }
  }
}

export const isTrouble = (why: string): why is Trouble =>
  why === 'no-network' || why === 'server-silent' || why === 'not-a-reachable-server' || why === 'outdated'
