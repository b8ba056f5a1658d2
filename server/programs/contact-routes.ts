import { mostContacts } from '../../protocol/people.ts'
import { linkedPeople, linkPeopleRequest } from '../../protocol/programs.ts'
import { findPersonOf } from '../accounts/people-of-key.ts'
import { bucketsOf } from '../database/shared-buckets.ts'
import type { Database } from '../database/tables.ts'
import { readBody } from '../http/json-body.ts'
import { Refused } from '../http/refused.ts'
import type { Context, Route } from '../http/route.ts'
import { type ContactChanges, changeContacts, tellContactChanges } from '../people/contact-changes.ts'
import { linkPeople, overfull, unlinkPeople } from '../people/links.ts'
import { enqueueWebhooks } from '../webhooks/webhook-queue.ts'
import type { ProgramDependencies } from './program-dependencies.ts'

/** People whom a program makes contacts of each other, as a team that is called something. */
interface Team {
  readonly ids: readonly string[]
  /** As the program named them. */
  readonly people: string[]
  readonly team: string
}

type Link = (
  trx: Database,
  changes: ContactChanges,
  one: string,
  other: string,
  team: string,
) => Promise<boolean>

/** So often a key links people, or ends that, at once and then in a second, and of these the same two. */
const ofKey = { atOnce: 100, perSecond: 10 }
const ofPair = { atOnce: 12, perSecond: 0.2 }

function* pairsOf(ids: readonly string[]): Generator<readonly [string, string]> {
  for (const [n, one] of ids.entries()) for (const other of ids.slice(n + 1)) yield [one, other]
}

/** Links between people that the clinic's system makes: each has the others as contacts, whatever they asked. */
export function contactRoutes(dependencies: ProgramDependencies): Route[] {
  const { db, clock, bus } = dependencies
  const rates = {
    ofKey: bucketsOf(dependencies, 'links-of-key', ofKey),
    ofPair: bucketsOf(dependencies, 'links-of-pair', ofPair),
  }

  const count = async (keyId: string, ids: readonly string[]) => {
    const wait = await rates.ofKey.pour(keyId)
    if (wait > 0) throw Refused.tooMany('This key has linked people too often.', wait)
    const poured: string[] = []
    for (const pair of pairsOf(ids.toSorted())) {
      const name = `${keyId} ${pair.join(' ')}`
      const waitForPair = await rates.ofPair.pour(name)
      if (waitForPair > 0) {
        await rates.ofKey.takeBack(keyId)
        for (const before of poured) await rates.ofPair.takeBack(before)
        throw Refused.tooMany('These people were linked and unlinked too often.', waitForPair)
      }
      poured.push(name)
    }
  }

  const read = async (context: Context): Promise<Team> => {
    const { people, team } = await readBody(context, linkPeopleRequest)
    const caller = context.get('caller')
    const ids = new Set<string>()
    for (const login of people) {
      const account = await findPersonOf(db, caller, login)
      if (!account) throw new Refused('no-such-account', `There is no account ${login}.`)
      ids.add(account.id)
    }
    if (ids.size < 2) throw new Refused('bad-request', 'people: These are one and the same person.')
    return { ids: [...ids], people, team: team ?? caller.name }
  }

  const change = async (context: Context, linked: boolean, link: Link): Promise<Team> => {
    const asked = await read(context)
    const { ids, people, team } = asked
    await count(context.get('caller').id, ids)
    const now = clock.wall()
    const { toTell } = await changeContacts(
      db,
      now,
      async (trx, changes) => {
        // Whether they were contacts besides is nothing that a program is told.
        let isChanged = false
        for (const [one, other] of pairsOf(ids))
          if (await link(trx, changes, one, other, team)) isChanged = true
        const full = linked && isChanged ? await overfull(trx, ids) : undefined
        if (full !== undefined)
          throw new Refused(
            'bad-request',
            `people: ${full} would have more than ${mostContacts.toLocaleString('en')} contacts.`,
          )
        if (isChanged)
          for (const keyId of await keysThatHear(trx, context.get('caller')))
            await enqueueWebhooks(
              trx,
              keyId,
              [{ type: 'contact.changed', data: { people, team, linked } }],
              now,
            )
      },
      ids,
    )
    tellContactChanges(bus, toTell)
    return asked
  }

  const refuses = [
    'bad-request',
    'unauthorized',
    'no-such-account',
    'too-large',
    'too-many-attempts',
    'storage',
    'busy',
  ] as const

  return [
    {
      method: 'POST',
      path: '/api/contacts',
      admits: 'api-key',
      scope: 'contacts',
      describes: {
        summary: 'Make people contacts of each other',
        about:
          'Each has each of the others among their contacts, with the name of the team. They cannot remove such a contact, and can block it. Who are contacts already stay so.',
        body: { schema: linkPeopleRequest },
        answers: { 200: { about: 'They are contacts.', schema: linkedPeople } },
        refuses,
      },
      async handle(context) {
        const now = clock.wall()
        const domain = context.get('caller').provisioningDomain ?? null
        const { people, team } = await change(context, true, (trx, changes, one, other, name) =>
          linkPeople(trx, changes, one, other, name, now, domain),
        )
        return context.json({ people, team })
      },
    },
    {
      method: 'DELETE',
      path: '/api/contacts',
      admits: 'api-key',
      scope: 'contacts',
      describes: {
        summary: 'End a link between people',
        about:
          'Only one that was made with this name of the team: who are contacts by their own will stay so.',
        body: { schema: linkPeopleRequest },
        answers: { 204: { about: 'No such link is left.' } },
        refuses,
      },
      async handle(context) {
        await change(context, false, unlinkPeople)
        return context.body(null, 204)
      },
    },
  ]
}

/** The keys with webhooks that may know of these people: of one clinic all that are limited to its people hear alike. */
async function keysThatHear(
  trx: Database,
  { id, provisioningDomain }: { readonly id: string; readonly provisioningDomain?: string | undefined },
): Promise<string[]> {
  if (provisioningDomain === undefined) return [id]
  const keys = await trx
    .selectFrom('apiKey')
    .select('id')
    .where('provisioningDomain', '=', provisioningDomain)
    .execute()
  return keys.map((key) => key.id)
}
