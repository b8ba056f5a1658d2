import { parseScopes } from '../key-scopes.ts'
import type { Language } from '../locales/language.ts'
import { localeIn } from '../locales/locale.ts'
import { megabyte } from '../megabyte.ts'
import { type MailTemplate, note, type Part, text } from './mail-template.ts'

export interface Addressee {
  /** Null when we do not know it. */
  readonly name: string | null
  readonly username: string | null
}

/** A call that was missed, or is expected. */
export interface ListedCall {
  /** Wall-clock ms. */
  readonly at: number
  /** Undefined when the mail may not name anybody. */
  readonly from?: string
}

/** A thread in which messages are unread. */
export interface UnreadThread {
  readonly messages: number
  /** Undefined when the mail may not name anybody, or nobody is to be named. */
  readonly from?: string
}

/** When something happened (wall-clock ms), and from which address where one is known. */
export interface Cause {
  readonly at: number
  readonly address?: string | undefined
}

/** The operator, of whom we know an address alone. */
const nobody: Addressee = { name: null, username: null }

/** No more calls, or people who wrote, than these are told one by one. */
const mostListed = 10

/** The mails that we write, in one language. `host` is where the server is. */
export function mailTemplates(language: Language, host: string) {
  const texts = localeIn(language).texts.mails

  const mail = (subject: string, { name }: Addressee, parts: readonly Part[]): MailTemplate => ({
    subject,
    greeting: name ? texts.greeting(name) : texts.greetingWithoutName,
    parts,
    footer: texts.sentBy(host),
  })
  const button = (label: string, url: string): Part => ({ kind: 'button', label, url, orCopy: texts.orCopy })
  const username = (label: string, who: Addressee): Part[] =>
    who.username === null ? [] : [{ kind: 'fact', label, value: who.username }]
  const moment = new Intl.DateTimeFormat(language, {
    dateStyle: 'long',
    timeStyle: 'long',
  })
  const fact = (label: string, value: string): Part => ({ kind: 'fact', label, value })
  const quoted = (value: string) => texts.quoted(value.replaceAll(/[\p{C}\s]+/gu, ' ').trim())
  const happened = ({ at, address }: Cause): Part[] => [
    fact(texts.when, moment.format(at)),
    ...(address === undefined ? [] : [fact(texts.address, address)]),
  ]
  const megabytes = new Intl.NumberFormat(language, {
    style: 'unit',
    unit: 'megabyte',
    maximumFractionDigits: 0,
  })
  type CallTexts = typeof texts.missed | typeof texts.expected
  const listOfCalls = (words: CallTexts, who: Addressee, calls: readonly ListedCall[]) => {
    const { subject, opening, from, more, where, stop } = words
    const listed = calls
      .slice(0, mostListed)
      .map((call) =>
        call.from === undefined ? moment.format(call.at) : from(moment.format(call.at), call.from),
      )
    const rest = calls.length - listed.length
    return mail(subject(calls.length), who, [
      text(opening(calls.length)),
      { kind: 'list', items: rest > 0 ? [...listed, more(rest)] : listed },
      text(where),
      note(stop),
    ])
  }

  return {
    reset: (who: Addressee, url: string) => {
      const { subject, opening, username: label, button: choose, life, ignore } = texts.reset
      return mail(subject, who, [
        text(opening),
        ...username(label, who),
        button(choose, url),
        text(life),
        note(ignore),
      ])
    },
    changed: (who: Addressee, at: number, forgot: string) => {
      const { subject, opening, username: label, when, ifYou, ifNot, button: notMe } = texts.changed
      return mail(subject, who, [
        text(opening),
        ...username(label, who),
        { kind: 'fact', label: when, value: moment.format(at) },
        text(ifYou),
        text(ifNot),
        button(notMe, forgot),
      ])
    },
    invitation: (who: Addressee, url: string) => {
      const { subject, opening, button: go, life, ignore } = texts.invitation
      return mail(subject, who, [text(opening), button(go, url), text(life), note(ignore)])
    },
    signUp: (who: Addressee, url: string) => {
      const { subject, opening, button: go, life, ignore } = texts.signUp
      return mail(subject, who, [text(opening), button(go, url), text(life), note(ignore)])
    },
    known: (who: Addressee, forgot: string) => {
      const { subject, opening, username: label, forgot: ifForgotten, button: go, ignore } = texts.known
      return mail(subject, who, [
        text(opening),
        ...username(label, who),
        text(ifForgotten),
        button(go, forgot),
        note(ignore),
      ])
    },
    missed: (who: Addressee, calls: readonly ListedCall[]) => listOfCalls(texts.missed, who, calls),
    expected: (who: Addressee, calls: readonly ListedCall[]) => listOfCalls(texts.expected, who, calls),
    unread: (who: Addressee, threads: readonly UnreadThread[]) => {
      const { subject, opening, from, more, where, stop } = texts.unread
      const messages = threads.reduce((sum, thread) => sum + thread.messages, 0)
      const named = threads.flatMap((thread) =>
        thread.from === undefined ? [] : [from(thread.from, thread.messages)],
      )
      const listed = named.slice(0, mostListed)
      const rest = named.length - listed.length
      const items = rest > 0 ? [...listed, more(rest)] : listed
      return mail(subject(messages), who, [
        text(opening(messages)),
        ...(items.length > 0 ? [{ kind: 'list', items } as const] : []),
        text(where),
        note(stop),
      ])
    },
    tokenTried: (who: Addressee, cause: Cause & { readonly device?: string | undefined }, forgot: string) => {
      const { subject, opening, device, act, button: choose } = texts.tokenTried
      return mail(subject, who, [
        text(opening),
        ...username(texts.username, who),
        ...(cause.device ? [fact(device, quoted(cause.device))] : []),
        ...happened(cause),
        text(act),
        button(choose, forgot),
      ])
    },
    issuerLinked: (who: Addressee, cause: Cause & { readonly issuer: string }) => {
      const { subject, opening, ifYou, ifNot } = texts.issuerLinked
      return mail(subject(cause.issuer), who, [
        text(opening(cause.issuer)),
        ...username(texts.username, who),
        ...happened(cause),
        text(ifYou),
        text(ifNot),
      ])
    },
    accountAdded: (
      who: Addressee,
      cause: Cause,
      { forgot, start }: { readonly forgot: string; readonly start: string },
    ) => {
      const { subject, opening, begin, choose, button: go, ignore } = texts.accountAdded
      return mail(subject, who, [
        text(opening(host)),
        ...username(texts.username, who),
        ...happened(cause),
        text(begin(start)),
        text(choose),
        button(go, forgot),
        note(ignore),
      ])
    },
    apiKeyCreated: (cause: Cause & { readonly key: string; readonly scope: string }) => {
      const { subject, opening, key, scope, scopes, ifNot } = texts.apiKeyCreated
      return mail(subject, nobody, [
        text(opening(host)),
        fact(key, quoted(cause.key)),
        fact(
          scope,
          parseScopes(cause.scope)
            .map((one) => scopes[one])
            .join(', '),
        ),
        ...happened(cause),
        text(ifNot),
      ])
    },
    apiKeyRevoked: (cause: Cause & { readonly key: string }) => {
      const { subject, opening, key, ifNot } = texts.apiKeyRevoked
      return mail(subject, nobody, [
        text(opening(host)),
        fact(key, quoted(cause.key)),
        ...happened(cause),
        text(ifNot),
      ])
    },
    apiKeyMisused: (cause: Cause & { readonly key: string }) => {
      const { subject, opening, key, act } = texts.apiKeyMisused
      return mail(subject, nobody, [
        text(opening(host)),
        fact(key, quoted(cause.key)),
        ...happened(cause),
        text(act),
      ])
    },
    diskLow: (cause: Cause & { readonly free: number }) => {
      const { subject, opening, free, why, act } = texts.diskLow
      return mail(subject, nobody, [
        text(opening(host)),
        fact(free, megabytes.format(Math.max(0, cause.free) / megabyte)),
        ...happened(cause),
        text(why),
        text(act),
      ])
    },
  }
}
