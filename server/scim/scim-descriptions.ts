import * as v from 'valibot'
import type { DescribedAnswer, DescribedParameter, RouteDescription } from '../http/route.ts'
import { textParameter } from '../http/text-parameter.ts'

const type = 'application/scim+json'

/** What SCIM says of a person (RFC 7643, 4.1), as far as it means something here; whatever else is sent is kept out. */
const user = v.looseObject({
  schemas: v.array(v.string()),
  id: v.optional(v.string()),
  externalId: v.optional(v.string()),
  userName: v.string(),
  displayName: v.optional(v.string()),
  name: v.optional(
    v.looseObject({
      formatted: v.optional(v.string()),
      givenName: v.optional(v.string()),
      familyName: v.optional(v.string()),
    }),
  ),
  emails: v.optional(v.array(v.looseObject({ value: v.string(), primary: v.optional(v.boolean()) }))),
  active: v.optional(v.boolean()),
})

/** RFC 7643, 4.2: people who are contacts of one another. */
const group = v.looseObject({
  schemas: v.array(v.string()),
  id: v.optional(v.string()),
  externalId: v.optional(v.string()),
  displayName: v.string(),
  members: v.optional(v.array(v.looseObject({ value: v.string() }))),
})

const list = v.looseObject({
  schemas: v.array(v.string()),
  totalResults: v.number(),
  Resources: v.optional(v.array(v.looseObject({}))),
})

const patch = v.looseObject({
  schemas: v.array(v.string()),
  Operations: v.array(
    v.looseObject({ op: v.string(), path: v.optional(v.string()), value: v.optional(v.unknown()) }),
  ),
})

/** RFC 7644, 3.12. */
const error = v.looseObject({
  schemas: v.array(v.string()),
  status: v.string(),
  detail: v.optional(v.string()),
  scimType: v.optional(v.string()),
})

const id: Readonly<Record<string, DescribedParameter>> = {
  id: { in: 'path', about: 'The id that this server gave the person.', schema: textParameter },
}
const groupId: Readonly<Record<string, DescribedParameter>> = {
  id: { in: 'path', about: 'The id that this server gave the group.', schema: textParameter },
}
const filter: Readonly<Record<string, DescribedParameter>> = {
  filter: {
    in: 'query',
    about: 'As userName eq "ann"; of groups, as displayName eq "Ward 3".',
    schema: v.optional(v.string()),
  },
  startIndex: { in: 'query', about: 'From 1.', schema: v.optional(v.number()) },
  count: { in: 'query', about: 'So many at most.', schema: v.optional(v.number()) },
}

const failed = (about: string): DescribedAnswer => ({ about, schema: error, type })
const refused = {
  400: failed('It is not as RFC 7643 has it.'),
  401: failed('There is no key, or none that is known.'),
  403: failed('The key provisions nobody, or not this person.'),
  429: failed('Too much at once: Retry-After says when to come again.'),
  503: failed('Nothing can be written now.'),
}
const noSuchUser = { 404: failed('There is no such person of this key.') }
const taken = { 409: failed('Somebody has this name or address.') }
const person = (about: string): DescribedAnswer => ({ about, schema: user, type })
const noSuchGroup = { 404: failed('There is no such group of this key.') }
const nameTaken = { 409: failed('There is a group of this name already.') }
const team = (about: string): DescribedAnswer => ({ about, schema: group, type })
const something = (path: string, summary: string): RouteDescription => ({
  path,
  summary,
  answers: { 200: { about: 'As RFC 7643 has it.', schema: v.looseObject({}), type }, ...refused },
})

/** What is read about provisioning, by method: one route stands for all of these. docs/PROVISIONING.md tells it to people. */
export const scimDescriptions: Readonly<
  Record<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', readonly RouteDescription[]>
> = {
  GET: [
    {
      path: '/scim/v2/Users',
      summary: 'The people of this key, or those whom a filter finds',
      parameters: filter,
      answers: { 200: { about: 'A page of them.', schema: list, type }, ...refused },
    },
    {
      path: '/scim/v2/Users/{id}',
      summary: 'A person',
      parameters: id,
      answers: { 200: person('The person.'), ...noSuchUser, ...refused },
    },
    something('/scim/v2/ServiceProviderConfig', 'What of SCIM this server does'),
    something('/scim/v2/Schemas', 'The schemas that it knows'),
    something('/scim/v2/ResourceTypes', 'The kinds of resources that it has'),
    {
      path: '/scim/v2/Groups',
      summary: 'The groups of this key, or those whom a filter finds',
      parameters: filter,
      answers: { 200: { about: 'A page of them.', schema: list, type }, ...refused },
    },
    {
      path: '/scim/v2/Groups/{id}',
      summary: 'A group',
      parameters: groupId,
      answers: { 200: team('The group.'), ...noSuchGroup, ...refused },
    },
  ],
  POST: [
    {
      path: '/scim/v2/Users',
      summary: 'Make an account',
      body: { schema: user, type },
      answers: { 201: person('The account.'), ...taken, ...refused },
    },
    {
      path: '/scim/v2/Groups',
      summary: 'Make a team: its members become contacts of each other',
      body: { schema: group, type },
      answers: { 201: team('The group.'), ...nameTaken, ...refused },
    },
  ],
  PUT: [
    {
      path: '/scim/v2/Users/{id}',
      summary: 'Say anew who a person is',
      parameters: id,
      body: { schema: user, type },
      answers: { 200: person('As they are now.'), ...noSuchUser, ...taken, ...refused },
    },
    {
      path: '/scim/v2/Groups/{id}',
      summary: 'Say anew what a group is called and who is in it',
      parameters: groupId,
      body: { schema: group, type },
      answers: { 200: team('As it is now.'), ...noSuchGroup, ...nameTaken, ...refused },
    },
  ],
  PATCH: [
    {
      path: '/scim/v2/Users/{id}',
      summary: 'Change something of a person, or disable their account',
      parameters: id,
      body: { schema: patch, type },
      answers: {
        200: person('As they are now.'),
        204: { about: 'It is done.' },
        ...noSuchUser,
        ...taken,
        ...refused,
      },
    },
    {
      path: '/scim/v2/Groups/{id}',
      summary: 'Add members, take members out, or call it otherwise',
      parameters: groupId,
      body: { schema: patch, type },
      answers: {
        200: team('As it is now.'),
        204: { about: 'It is done.' },
        ...noSuchGroup,
        ...nameTaken,
        ...refused,
      },
    },
  ],
  DELETE: [
    {
      path: '/scim/v2/Users/{id}',
      summary: 'Let a person go: their account is disabled',
      parameters: id,
      answers: { 204: { about: 'It is done.' }, ...noSuchUser, ...refused },
    },
    {
      path: '/scim/v2/Groups/{id}',
      summary: 'End a team: its people are contacts by it no more',
      parameters: groupId,
      answers: { 204: { about: 'It is done.' }, ...noSuchGroup, ...refused },
    },
  ],
}
