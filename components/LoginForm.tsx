import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { IssuerState, Offers } from '../messages/state.ts'
import { Field } from './Field.tsx'
import { IssuerSignIn } from './IssuerSignIn.tsx'
import type { Place } from './log-in-refusals.ts'
import { OptionsLink } from './OptionsLink.tsx'
import { PageLink } from './PageLink.tsx'
import type { Asker } from './page-props.ts'
import { useDraft } from './use-draft.ts'
import { useLogIn } from './use-log-in.ts'
import './LoginForm.css'

interface Props {
  /** What was typed into Username when the popup last closed. */
  readonly draft: string
  readonly atIssuer: IssuerState
  readonly offers: Offers
  readonly server: string
  readonly ask: Asker
}

export function LoginForm({ draft, atIssuer, offers, server, ask }: Props) {
  const [login, setLogin] = useDraft(draft, ask)
  const [password, setPassword] = useState('')
  const [staySignedIn, setStaySignedIn] = useState(false)
  const { attempt, logIn } = useLogIn(ask, server)
  const loginField = useRef<HTMLInputElement>(null)
  const passwordField = useRef<HTMLInputElement>(null)

  useLayoutEffect(() => (draft === '' ? loginField : passwordField).current?.focus(), [])
  useLayoutEffect(() => {
    if (attempt.kind !== 'refused') return
    const place = attempt.refusals[0]?.place
    if (place === 'login') loginField.current?.focus()
    if (place === 'password') passwordField.current?.focus()
    if (place === 'password') passwordField.current?.select()
  }, [attempt])

  const at = (place: Place) =>
    attempt.kind === 'refused' ? attempt.refusals.find((refusal) => refusal.place === place) : undefined
  const whole = at('form')
  const pending = attempt.kind === 'pending'
  const submit = (event: Event) => {
    event.preventDefault()
    void logIn({ login, password, staySignedIn })
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
        onValue={setLogin}
      />
      <Field
        label="Password"
        error={at('password')?.sentence}
        inputRef={passwordField}
        type="password"
        autoComplete="current-password"
        value={password}
        onValue={setPassword}
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
          <PageLink page="forgot" ask={ask}>
            Forgot password?
          </PageLink>
        )}
      </div>
      <div role="alert" class="login-refusal">
        {whole && <p>{whole.sentence}</p>}
        {whole?.checkServer && <OptionsLink>Check the server address</OptionsLink>}
      </div>
      <button type="submit" class="button button--primary button--wide" aria-disabled={pending}>
        {pending ? 'Logging in…' : 'Log in'}
      </button>
      {offers.issuer !== null && (
        <IssuerSignIn
          issuer={offers.issuer}
          standing={atIssuer}
          server={server}
          staySignedIn={staySignedIn}
          ask={ask}
        />
      )}
      {offers.signUp && (
        <p class="login-new">
          New here?{' '}
          <PageLink page="sign-up" ask={ask}>
            Create an account
          </PageLink>
        </p>
      )}
      <p class="login-server">
        <span>{server.replace(/^https:\/\//, '')}</span>
        <OptionsLink>Change server</OptionsLink>
      </p>
    </form>
  )
}
