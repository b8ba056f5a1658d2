import type { Auth } from '../accounts/auth.ts'
import { type JoinLink, join, type LinkToJoin, readJoin } from '../accounts/join.ts'
import { keptName, type PersonFaults, personFaults } from '../accounts/new-person.ts'
import type { Request, Route } from '../http/route.ts'
import type { AskParts } from './forgot-routes.ts'
import type { Fault } from './form-fields.ts'
import { formRoute } from './form-request.ts'
import { joinPage } from './join-page.ts'
import { deadEndPage, donePage } from './notice-page.ts'
import { languageOf, type Said } from './page-language.ts'
import { readPassword } from './password-fields.ts'
import { tokenOf } from './reset-routes.ts'
import { showPage } from './show-page.ts'
import { tooOften } from './too-often.ts'

export interface JoinParts extends Omit<AskParts, 'wake'> {
  readonly auth: Auth
}

/** Making an account by a mailed link: an invitation, or the answer to a sign-up. */
export const joinRoutes = (parts: JoinParts): Route[] => [
  ...linkRoutes(parts, 'invitation', '/invitation/:token'),
  ...linkRoutes(parts, 'sign-up', '/sign-up/:token'),
  {
    method: 'GET',
    path: '/joined',
    admits: 'anyone',
    handle(request) {
      const said = languageOf(request)
      const { doneTitle: title, done: words } = said.words.join
      return showPage(request, donePage(said, { title, words }))
    },
  },
]

const linkRoutes = (
  { db, auth, clock, publicUrl, addressOf }: JoinParts,
  kind: JoinLink,
  path: string,
): Route[] => [
  {
    method: 'GET',
    path,
    admits: 'anyone',
    async handle(request) {
      const found = await readJoin(db, kind, tokenOf(request), clock.wall())
      if (found.kind !== 'good') return dead(request, kind, found)
      const { email, name, language } = found.link
      return showPage(
        request,
        joinPage(languageOf(request, language), { email, username: '', name: name ?? '' }),
      )
    },
  },
  formRoute(path, publicUrl, async (request, form) => {
    const token = tokenOf(request)
    const found = await readJoin(db, kind, token, clock.wall())
    if (found.kind !== 'good') return dead(request, kind, found)
    const said = languageOf(request, found.link.language)
    const username = form.get('username').trim()
    const name = keptName(form.get('name'))
    const typed = readPassword(said.words, form.get('password'), form.get('again'))
    const again = (faults: PersonFaults) => {
      const all = [...faultsInWords(said, faults), ...typed.faults]
      return showPage(request, joinPage(said, { email: found.link.email, username, name }, all, typed), 422)
    }
    const person = { username, name, password: typed.password }
    if (typed.faults.length > 0) return again(personFaults(person))
    const outcome = await join(
      { db, auth },
      { kind, token, person, language: said.language, address: addressOf(request) },
      clock.wall(),
    )
    if (outcome.kind === 'faulty') return again(outcome.faults)
    if (outcome.kind === 'too-often') {
      const faults = [{ field: 'username', words: tooOften(request, said.words, outcome.retryAfter) }]
      return showPage(
        request,
        joinPage(said, { email: found.link.email, username, name }, faults, typed),
        429,
      )
    }
    if (outcome.kind !== 'joined') return dead(request, kind, outcome)
    return request.redirect(`/joined?language=${said.language}`, 303)
  }),
]

function faultsInWords({ words }: Said, { username, name }: PersonFaults): Fault[] {
  const faults: Fault[] = []
  if (username) faults.push({ field: 'username', words: words.join.usernameFaults[username] })
  if (name) faults.push({ field: 'name', words: words.join.nameFaults[name] })
  return faults
}

function dead(request: Request, kind: JoinLink, found: Exclude<LinkToJoin, { readonly kind: 'good' }>) {
  const said = languageOf(request)
  const { title, why, newInvitation, newSignUp, known } = said.words.dead
  if (found.kind === 'known') return showPage(request, deadEndPage(said, { title, words: known }), 410)
  const notice = { title, words: why[found.why] }
  return showPage(
    request,
    deadEndPage(
      said,
      kind === 'invitation'
        ? { ...notice, advice: newInvitation }
        : { ...notice, action: { label: newSignUp, href: '/sign-up' } },
    ),
    410,
  )
}
