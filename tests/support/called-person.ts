import { addPerson } from './server/add-person.ts'
import { openCallClient } from './server/call-client.ts'
import { startServer } from './server/start-server.ts'
import { openSignedInDevice } from './sign-in.ts'

/** Somebody with an account, and who calls them. */
export async function callee(environment: Readonly<Record<string, string>> = {}) {
  const server = await startServer(environment)
  const person = await addPerson(server)
  return { server, person, clinic: await openCallClient(server) }
}

/** The same, signed in on a device. */
export async function signedInCallee(environment: Readonly<Record<string, string>> = {}) {
  const parts = await callee(environment)
  return { ...parts, device: await openSignedInDevice(parts.server, parts.person) }
}
