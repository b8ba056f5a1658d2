import * as v from 'valibot'
import { browser } from '../../../platform/browser.ts'
import { statuses } from '../../../protocol/people.ts'
import { createLatestWriter } from '../latest-write.ts'

const stored = v.object({
  /** Whose contacts this device keeps; its server speaks of people. */
  account: v.string(),
  /** "Tell me once when NAME can be reached": the contacts' ids. */
  awaited: v.fallback(v.array(v.string()), []),
  /** What was chosen here and the server has not taken yet. */
  choice: v.fallback(
    v.nullable(v.object({ status: v.picklist(statuses), until: v.nullable(v.number()) })),
    null,
  ),
  /** The expected calls of which this person was reminded. */
  reminded: v.fallback(v.array(v.string()), []),
})

export type StoredPeople = v.InferOutput<typeof stored>

const key = 'people'

export interface PeopleStore {
  /** Null: nobody is signed in, or at a server that knows nothing of people. */
  readonly write: (people: StoredPeople | null) => void
  /** Rejects when the storage cannot be read. */
  readonly read: () => Promise<StoredPeople | null>
}

/** What of a person's contacts is this device's own, in `storage.local`. Ids alone: names are nothing to leave there. */
export function createPeopleStore(): PeopleStore {
  const { local } = browser.storage
  const { write } = createLatestWriter((people: StoredPeople | null) => local.set({ [key]: people }))
  let last: string | undefined
  return {
    write: (people) => {
      const text = JSON.stringify(people)
      if (text === last) return
      last = text
      write(people)
    },
    read: async () => {
      const { [key]: found } = await local.get(key)
      const parsed = v.safeParse(stored, found)
      return parsed.success ? parsed.output : null
    },
  }
}
