import type { PeopleReply } from '../../messages/people.ts'

const unheard =
  'Reachable did not answer, so it is not known whether that was done. Look before you try again.'

/**
 * Asks the worker for something that the server has to do.
 *
 * @returns undefined once it is done, else a sentence for people: why it is not, or that this is not known.
 */
export const whatFailed = async (run: () => Promise<PeopleReply>): Promise<string | undefined> => {
  try {
    const reply = await run()
    return reply.ok ? undefined : reply.message
  } catch {
    return unheard
  }
}
