import type { SetServerReply } from '../messages/commands.ts'

type Why = Extract<SetServerReply, { ok: false }>['why']

const sentences: Readonly<Record<Why, string>> = {
  empty: 'Enter the address of your server.',
  'no-scheme': 'Begin the address with https://',
  'not-an-address': 'This is not a web address. One looks like https://reachable.example',
  'not-secure': 'Begin the address with https:// — http:// is safe only for a server on this computer.',
  'server-silent': 'Nothing answers there. Check the spelling, and that the server is running.',
  'not-a-reachable-server': 'Something answers there, but it is not a Reachable server.',
  outdated:
    'The server there speaks another version. Update the extension, or ask for the server to be updated.',
  storage: 'This browser could not keep the address. Check that the disk has room, and try again.',
}

/** Why an address was not kept, and what to do. */
export const serverRefusal = (why: Why): string => sentences[why]
