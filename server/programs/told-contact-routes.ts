import * as v from 'valibot'
import { readBody } from '../http/json-body.ts'
import type { Route } from '../http/route.ts'
import { tellContactChanges } from '../people/contact-changes.ts'
import type { ProgramDependencies } from './program-dependencies.ts'

const id = v.pipe(v.string(), v.nonEmpty(), v.maxLength(64))

const told = v.object({
  appended: v.array(v.tuple([id, v.pipe(v.number(), v.safeInteger(), v.minValue(1))])),
  related: v.array(v.tuple([id, id])),
})

/** What a command has changed about contacts in this server's database, for devices to hear of at once. */
export const toldContactRoutes = ({ bus }: Pick<ProgramDependencies, 'bus'>): Route[] => [
  {
    method: 'POST',
    path: '/api/operator/contacts',
    admits: 'operator',
    async handle(context) {
      const { appended, related } = await readBody(context, told)
      tellContactChanges(bus, { appended: new Map(appended), related })
      return context.body(null, 204)
    },
  },
]
