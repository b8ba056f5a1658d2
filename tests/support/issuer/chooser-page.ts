import type { PersonThere } from '../../server/openid/certified-issuer.ts'

const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** The page on which people choose an account, as issuers have one. */
export const chooserPage = (accounts: readonly PersonThere[]) =>
  page(
    'Choose an account',
    `${accounts.map(({ sub, name = sub, email = '' }) => button('account', sub, `${name} ${email}`)).join('')}
    ${button('account', 'another', 'Use another account')}
    ${button('account', 'nobody', 'Deny')}`,
  )

export const anotherPage = () =>
  page('Sign in', '<label>Email <input name="email" autofocus></label><button>Next</button>')

const button = (name: string, value: string, words: string) =>
  `<p><button name="${name}" value="${escaped(value)}">${escaped(words)}</button></p>`

const page = (title: string, form: string) =>
  `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1><form method="post">${form}</form></html>`
