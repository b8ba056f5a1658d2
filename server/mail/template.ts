/** What a mail says, before it is text or HTML: the one source of both. */
export interface MailTemplate {
  readonly subject: string
  readonly greeting: string
  readonly parts: readonly Part[]
  /** Who sends this, at the very end. */
  readonly footer: string
}

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** Something to look up: a username, a time. */
  | { readonly kind: 'fact'; readonly label: string; readonly value: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** `orCopy` comes before the address itself, for those who see no button. */
  | { readonly kind: 'button'; readonly label: string; readonly url: string; readonly orCopy: string }
  /** Said more quietly. */
  | { readonly kind: 'note'; readonly text: string }

export const text = (locale: string): Part => ({ kind: 'text', text: locale })
export const note = (locale: string): Part => ({ kind: 'note', text: locale })
