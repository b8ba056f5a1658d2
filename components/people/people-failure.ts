import type { PeopleReply } from '../../messages/people.ts'

const interrupted = 'Reachable was interrupted. Try again.'

/**
 * Asks the worker for something that the server has to do.
 *
 * @returns undefined once it is done, else why it is not, as a sentence for people.
 */
export const whatFailed = async (run: () => Promise<PeopleReply>): Promise<string | undefined> => {
  try {
    const reply = await run()
    return reply.ok ? undefined : reply.message
  } catch {
    return interrupted
  }
}
