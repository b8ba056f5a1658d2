import type { Language } from '../locales/language.ts'
import { localeIn } from '../locales/locale.ts'
import { type MailTemplate, note, type Part, text } from './mail-template.ts'

export interface Addressee {
  /** Null when we do not know it. */
  readonly name: string | null
  readonly username: string | null
}

export interface MissedCall {
  /** Wall-clock ms. */
  readonly at: number
  /** Undefined when the mail may not name anybody. */
  readonly from?: string
}

/** No more calls than these are told one by one. */
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
    missed: (who: Addressee, calls: readonly MissedCall[]) => {
      const { subject, opening, from, more, where, stop } = texts.missed
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
    },
  }
}
