import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { SetServerReply } from '../messages/commands.ts'
import { isolated } from '../messages/isolated.ts'
import { Field } from './Field.tsx'
import { hostWording } from './host-wording.ts'
import type { Asker } from './page-props.ts'
import { offline, otherVersion } from './server-trouble.ts'
import { useCommand } from './use-command.ts'
import './ServerForm.css'

interface Props {
  /** Its origin; null until somebody has named one. */
  readonly server: string | null
  /** Whether the cursor is to be in the field at once. */
  readonly focused?: boolean
  readonly signedInAs?: string | undefined
  readonly ask: Asker
}

type Outcome =
  | { readonly kind: 'none' }
  | { readonly kind: 'kept'; readonly server: string }
  | { readonly kind: 'refused'; readonly sentence: string }

/** The server's address, kept only once a Reachable server has answered there. */
export function ServerForm({ server, focused = false, signedInAs, ask }: Props) {
  const [typed, setTyped] = useState<string>()
  const [outcome, setOutcome] = useState<Outcome>({ kind: 'none' })
  const field = useRef<HTMLInputElement>(null)
  const address = typed ?? server ?? ''

  useLayoutEffect(() => {
    if (!focused) return
    field.current?.focus()
    field.current?.select()
  }, [])
  const { pending, go } = useCommand(async () => {
    setOutcome({ kind: 'none' })
    const reply = await ask('set-server', { address: address.trim() }).catch(() => undefined)
    if (reply?.ok) {
      setTyped(undefined)
      setOutcome({ kind: 'kept', server: reply.server })
      return
    }
    const sentence = reply ? serverRefusal(reply.why) : 'Reachable was interrupted. Try again.'
    setOutcome({ kind: 'refused', sentence })
    field.current?.focus()
  })
  const submit = (event: Event) => {
    event.preventDefault()
    go()
  }
  return (
    <form class="server" noValidate onSubmit={submit} aria-busy={pending}>
      <Field
        label="Server address"
        hint={signedInAs && `Changing it logs you out, ${isolated(signedInAs)}.`}
        error={outcome.kind === 'refused' ? outcome.sentence : undefined}
        inputRef={field}
        type="text"
        autoComplete="url"
        value={address}
        onValue={setTyped}
      />
      <div class="server-row">
        <button type="submit" class="button button--primary" aria-disabled={pending}>
          {pending ? 'Checking…' : 'Save'}
        </button>
        <p role="status" class="server-done">
          {outcome.kind === 'kept' &&
            typed === undefined &&
            `Saved. Reachable now uses ${hostWording(outcome.server)}.`}
        </p>
      </div>
    </form>
  )
}

type Why = Extract<SetServerReply, { ok: false }>['why']

const sentences: Readonly<Record<Why, string>> = {
  empty: 'Enter the address of your server.',
  'not-an-address': 'This is not a web address. One looks like reachable.example',
  'not-secure': 'Begin the address with https:// — http:// is safe only for a server on this computer.',
  'no-network': `${offline} Save the address once it is connected.`,
  'server-silent': 'Nothing answers there. Check the spelling, and that the server is running.',
  'not-a-reachable-server':
    'Something answers there, but not as a Reachable server. It may be down just now; or ask whoever gave you the address.',
  outdated: otherVersion('The server there'),
  storage: 'This browser could not keep the address. Check that the disk has room, and try again.',
}

/** Why an address was not kept, and what to do. */
export const serverRefusal = (why: Why): string => sentences[why]
