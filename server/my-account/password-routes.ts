import type { Route } from '../http/route.ts'
import type { FieldError } from '../pages/form-fields.ts'
import { readPassword } from '../pages/password-fields.ts'
import { showPage } from '../pages/show-page.ts'
import type { AccountLocale } from './account-locale.ts'
import { changePassword, type PasswordChange, type PasswordDependencies } from './change-password.ts'
import { passwordPage } from './password-page.ts'
import type { TellDevices } from './tell-devices.ts'
import type { WebSessionRoutes } from './web-session-middleware.ts'

export interface PasswordRouteDependencies extends PasswordDependencies {
  readonly webSessions: WebSessionRoutes
  readonly tell: TellDevices
  /** Something was put into the outbox. */
  readonly wake: () => void
}

/** Changing one's password by the one that one has. */
export const passwordRoutes = ({
  webSessions,
  tell,
  wake,
  ...dependencies
}: PasswordRouteDependencies): Route[] => [
  webSessions.page('/account/password', (context, { person, locale }) =>
    person.hasPassword ? showPage(context, passwordPage(locale, person)) : context.redirect('/account', 303),
  ),
  webSessions.form('/account/password', async (context, { person, changing, locale }, form) => {
    const typed = readPassword(locale.words, form.get('password'), form.get('again'))
    const again = (errors: readonly FieldError[], status: 422 | 429 = 422) =>
      showPage(context, passwordPage(locale, person, errors, typed), status)
    const old = form.get('old')
    const missing = old === '' ? [{ field: 'old', words: locale.own.password.oldMissing }] : []
    if (missing.length + typed.errors.length > 0) return again([...missing, ...typed.errors])
    const { language } = locale
    const outcome = await changePassword(dependencies, changing, { old, next: typed.password, language })
    if (outcome === 'changed') {
      tell.recheck(person.id)
      wake()
      return context.redirect('/account?done=password', 303)
    }
    if (outcome !== 'same' && outcome.kind === 'none') return context.redirect('/account', 303)
    const tooMany = outcome !== 'same' && outcome.kind === 'too-many'
    if (tooMany) context.header('Retry-After', String(outcome.retryAfter))
    return again([errorOf(locale, outcome)], tooMany ? 429 : 422)
  }),
]

function errorOf(
  { own }: AccountLocale,
  outcome: Exclude<PasswordChange, 'changed' | { kind: 'none' }>,
): FieldError {
  if (outcome === 'same') return { field: 'password', words: own.password.same }
  if (outcome.kind === 'too-many') return { field: 'old', words: own.tooSoon(outcome.retryAfter) }
  return { field: 'old', words: own.password.wrong }
}
