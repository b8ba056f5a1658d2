import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Ask } from '../messages/commands.ts'
import type { IssuerState, Offers } from '../messages/state.ts'
import { Field } from './Field.tsx'
import { hostWording } from './host-wording.ts'
import { IssuerSignIn } from './IssuerSignIn.tsx'
import { LogInNotice } from './LogInNotice.tsx'
import { logInRefusal, type Place, type ShownRefusal } from './log-in-refusals.ts'
import { OptionsLink, toServer } from './OptionsLink.tsx'
import { type Away, PageLink } from './PageLink.tsx'
import { PasswordField } from './PasswordField.tsx'
import type { Asker } from './page-props.ts'
import { RetryWait } from './RetryWait.tsx'
import { ServerTrouble } from './ServerTrouble.tsx'
import { isTrouble, type Trouble, troubleWording } from './server-trouble.ts'
import { useServerLook } from './use-server-look.ts'
import './LoginForm.css'

interface Props {
  /** What Username and "Stay signed in" begin with. */
  readonly draft: string
  readonly staySignedIn: boolean
  readonly atIssuer: IssuerState
  readonly offers: Offers
  readonly server: string
  readonly ask: Asker
}

export function LoginForm({ draft, staySignedIn: stayed, atIssuer, offers, server, ask }: Props) {
  const [login, setLogin] = useDraft(draft, ask)
  const [password, setPassword] = useState('')
  const [shown, setShown] = useState(false)
  const [staySignedIn, setStaySignedIn] = useState(stayed)
  const { attempt, logIn, forgetTrouble, forgetWrong } = useLogIn(ask, server)
  // What was in the way of an attempt is not said of a server that answers by now.
  const { answer, look } = useServerLook(server, ask, forgetTrouble)
  const loginField = useRef<HTMLInputElement>(null)
  const passwordField = useRef<HTMLInputElement>(null)

  const focusFirst = () => (login === '' ? loginField : passwordField).current?.focus()
  useLayoutEffect(focusFirst, [])
  useLayoutEffect(() => {
    if (attempt.kind !== 'refused') return
    const place = attempt.refusals[0]?.place
    if (place === 'login') loginField.current?.focus()
    if (place !== 'password') return
    passwordField.current?.focus()
    passwordField.current?.select()
  }, [attempt])

  const at = (place: Place) =>
    attempt.kind === 'refused' ? attempt.refusals.find((refusal) => refusal.place === place) : undefined
  const whole = at('form')
  const until = at('password')?.until
  const trouble = answer !== undefined && isTrouble(answer) ? answer : undefined
  const away = awayOf(trouble)
  const shownTrouble = attempt.kind === 'refused' && whole ? attempt.trouble : trouble
  const pending = attempt.kind === 'pending'
  const submit = (event: Event) => {
    event.preventDefault()
    setShown(false)
    // The form says what is so of the server, so it is looked at whether that was at fault.
    void logIn({ login, password, staySignedIn }).then((refused) => (refused ? look() : undefined))
  }
  return (
    <form class="login" noValidate onSubmit={submit} aria-busy={pending}>
      <Field
        label="Username"
        hint="Your email address works too."
        error={at('login')?.sentence}
        inputRef={loginField}
        type="text"
        autoComplete="username"
        value={login}
        onValue={(typed) => {
          setLogin(typed)
          forgetWrong()
        }}
      />
      <PasswordField
        error={at('password')?.sentence}
        hint={until !== undefined && <RetryWait until={until} />}
        inputRef={passwordField}
        value={password}
        onValue={setPassword}
        shown={shown}
        onShown={setShown}
      />
      <div class="login-row">
        <label class="check">
          <input
            type="checkbox"
            checked={staySignedIn}
            onChange={(event) => setStaySignedIn(event.currentTarget.checked)}
          />
          Stay signed in
        </label>
        {offers.forgot && (
          <PageLink page="forgot" ask={ask} away={away}>
            Forgot password?
          </PageLink>
        )}
      </div>
      <button type="submit" class="button button--primary button--wide" aria-disabled={pending}>
        {pending ? 'Logging in…' : 'Log in'}
      </button>
      {/* Below it: what a look finds comes at any moment, and would take the button from under the hand that presses it. */}
      <LogInNotice alert={whole?.sentence} status={trouble && troubleWording(trouble, server).sentence}>
        {shownTrouble && (
          <ServerTrouble trouble={shownTrouble} server={server} look={look} onFocusLost={focusFirst} />
        )}
        {whole?.checkServer && !shownTrouble && (
          <OptionsLink to={toServer}>Check the server address</OptionsLink>
        )}
      </LogInNotice>
      {offers.issuer !== null && (
        <IssuerSignIn
          issuer={offers.issuer}
          signIn={atIssuer}
          server={server}
          staySignedIn={staySignedIn}
          ask={ask}
        />
      )}
      {offers.signUp && (
        <p class="login-new">
          New here?{' '}
          <PageLink page="sign-up" ask={ask} away={away}>
            Create an account
          </PageLink>
        </p>
      )}
      <p class="login-server">
        <span>{hostWording(server)}</span>
        <OptionsLink to={toServer}>Change server</OptionsLink>
      </p>
    </form>
  )
}

/** Why no page of the server can be opened. What answers otherwise may have them all the same. */
const awayOf = (trouble: Trouble | undefined): Away | undefined =>
  trouble === 'server-silent' || trouble === 'no-network' ? trouble : undefined

/** Milliseconds of rest after a key before the draft is kept. */
const rest = 150

/** Text that the background worker keeps while the popup is closed. Never for a password. */
function useDraft(kept: string, ask: Asker): readonly [string, (login: string) => void] {
  const [login, setLogin] = useState(kept)
  const last = useRef(kept)
  useEffect(() => {
    const keep = () => {
      if (last.current === login) return
      last.current = login
      void ask('keep-draft', { login }).catch(() => undefined)
    }
    const waiting = setTimeout(keep, rest)
    window.addEventListener('pagehide', keep)
    return () => {
      clearTimeout(waiting)
      window.removeEventListener('pagehide', keep)
    }
  }, [login, ask])
  return [login, setLogin]
}

type Attempt =
  | { readonly kind: 'none' }
  | { readonly kind: 'pending' }
  | { readonly kind: 'refused'; readonly refusals: readonly ShownRefusal[]; readonly trouble?: Trouble }

const interrupted: ShownRefusal = { place: 'form', sentence: 'Reachable was interrupted. Try again.' }

/** What can be refused without asking anyone. A password of spaces is a password. */
function missingFields({ login, password }: Ask<'log-in'>, server: string): readonly ShownRefusal[] {
  const whys = [
    ...(login.trim() === '' ? (['empty-login'] as const) : []),
    ...(password === '' ? (['empty-password'] as const) : []),
  ]
  return whys.map((why) => logInRefusal({ why }, server))
}

/** One attempt to log in at a time. After a success it stays pending: the form is about to go. */
function useLogIn(ask: Asker, server: string) {
  const under = useRef(false)
  const [attempt, setAttempt] = useState<Attempt>({ kind: 'none' })
  const refuse = (refusals: readonly ShownRefusal[], trouble?: Trouble) => {
    under.current = false
    setAttempt({ kind: 'refused', refusals, ...(trouble && { trouble }) })
  }
  /** Whether it was refused by whoever was asked, or by nobody at all. */
  const logIn = async (typed: Ask<'log-in'>): Promise<boolean> => {
    if (under.current) return false
    under.current = true
    const missing = missingFields(typed, server)
    if (missing.length > 0) {
      refuse(missing)
      return false
    }
    setAttempt({ kind: 'pending' })
    const reply = await ask('log-in', typed).catch(() => undefined)
    if (!reply) refuse([interrupted])
    else if (!reply.ok) refuse([logInRefusal(reply, server)], isTrouble(reply.why) ? reply.why : undefined)
    return !reply?.ok
  }
  const forgetTrouble = () =>
    setAttempt((last) => (last.kind === 'refused' && last.trouble ? { kind: 'none' } : last))
  /** It was said of the name that stood there, and of its password. */
  const forgetWrong = () =>
    setAttempt((last) =>
      last.kind === 'refused' && last.refusals.some(({ ofBoth }) => ofBoth) ? { kind: 'none' } : last,
    )
  return { attempt, logIn, forgetTrouble, forgetWrong }
}
