import type { PasswordDependencies } from '../accounts/passwords.ts'
import type { Context } from '../http/route.ts'
import type { Locale } from '../locales/locale.ts'
import { errorOf, type FieldError, field } from '../pages/form-fields.ts'
import type { Html } from '../pages/layout.ts'
import { checkPassword } from './change-password.ts'
import type { SignedInPerson } from './web-session-middleware.ts'

/** Before something that an open page alone must not be enough for, a person is asked for their password. */
export const passwordQuestion = ({ texts }: Locale, errors: readonly FieldError[]): Html =>
  field({
    name: 'password',
    label: texts.myAccount.password.sure,
    type: 'password',
    autocomplete: 'current-password',
    error: errorOf(errors, 'password'),
    autofocus: true,
  })

export type PasswordAnswer =
  | { readonly kind: 'right'; readonly hash: string }
  /** To be told beside the field. */
  | { readonly kind: 'refused'; readonly errors: readonly FieldError[]; readonly status: 422 | 429 }

/** What became of that question. @param who has a password. */
export async function answerToPassword(
  dependencies: PasswordDependencies,
  context: Context,
  { actor, locale }: SignedInPerson,
  typed: string,
): Promise<PasswordAnswer> {
  const { myAccount } = locale.texts
  const refuse = (message: string, status: 422 | 429 = 422): PasswordAnswer => ({
    kind: 'refused',
    errors: [{ field: 'password', message }],
    status,
  })
  if (typed === '') return refuse(myAccount.password.sureMissing)
  const checked = await checkPassword(dependencies, actor, typed)
  if (checked.kind === 'right') return checked
  if (checked.kind === 'too-many') return refuse(tooSoon(context, locale, checked.wait), 429)
  return refuse(myAccount.password.wrong)
}

/** Says in words and in `Retry-After` when a password may be tried again. @param wait in ms. */
export function tooSoon(context: Context, { texts }: Locale, wait: number): string {
  const seconds = Math.ceil(wait / 1_000)
  context.header('Retry-After', String(seconds))
  return texts.myAccount.tooSoon(seconds)
}
