import type { ComponentType } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Command } from '../messages/commands.ts'
import type { Asker, ListPageProps } from './page-props.ts'
import './PressHeard.css'

interface Props extends ListPageProps {
  readonly Page: ComponentType<ListPageProps>
}

/** What is said where nobody knows what came of a press. What is pressed again is done once. */
const unheard: { readonly [C in Command]?: string } = {
  answer: 'Reachable may not have heard that you answer. Press again.',
  decline: 'Reachable may not have heard that you decline. Press again.',
  'call-contact': 'Reachable did not answer. If no call appears, try again.',
}

/** Milliseconds for which it is said: it covers what stands there. */
const saidFor = 10_000

/** Draws a page, and over it says of a press in a call that the worker did not hear it, wherever in the page that was. */
export function PressHeard({ Page, ask, ...props }: Props) {
  const [sentence, setSentence] = useState<string>()
  const heard = useMemo(() => sayUnheard(ask, setSentence), [ask])
  useEffect(() => {
    if (sentence === undefined) return
    const timer = setTimeout(() => setSentence(undefined), saidFor)
    return () => clearTimeout(timer)
  }, [sentence])
  return (
    <>
      <Page {...props} ask={heard} />
      <div role="alert" class="press-unheard">
        {sentence}
      </div>
    </>
  )
}

const sayUnheard = (ask: Asker, say: (sentence: string | undefined) => void): Asker =>
  async function heard(command, payload) {
    const sentence = unheard[command]
    if (sentence === undefined) return await ask(command, payload)
    say(undefined)
    try {
      return await ask(command, payload)
    } catch (error) {
      say(sentence)
      throw error
    }
  }
