import { useState } from 'preact/hooks'
import type { RehearsalAnswer } from '../messages/commands.ts'
import { momentInSentence } from '../messages/moment-wording.ts'
import type { Settings } from '../messages/settings.ts'
import type { Readiness } from '../messages/state.ts'
import { CommandButton } from './CommandButton.tsx'
import type { Asker } from './page-props.ts'
import { hearingAdvice, outcomeWording, seeingAdvice } from './readiness-wording.ts'
import { systemOf } from './system.ts'
import './Rehearsal.css'

interface Props {
  readonly readiness: Readiness
  readonly settings: Settings
  readonly ask: Asker
  /** Where there is little room what helps is not said. */
  readonly brief?: boolean
}

/** Asks what was seen and heard of the last rehearsal, and says what helps where it was not. */
export function Rehearsal({ readiness, settings, ask, brief }: Props) {
  const { last, blocked, updated } = readiness
  const [lost, setLost] = useState(false)
  if (last === null) return null
  const system = systemOf(navigator.userAgent)
  const outcome = outcomeWording(last)
  const say = (answer: RehearsalAnswer) => async () => {
    setLost(false)
    await ask('rehearsal-answered', answer).catch(() => setLost(true))
  }
  return (
    <div class="rehearsal">
      <Question
        asks="Did you see the window and a notification?"
        said={last.seen}
        say={(seen) => say({ seen })}
      />
      {last.seen === false && !brief && <Advice sentences={seeingAdvice(system, blocked)} />}
      <Question asks="Did you hear the tone?" said={last.heard} say={(heard) => say({ heard })} />
      {last.heard === false && !brief && <Advice sentences={hearingAdvice(system, settings)} />}
      <p role="status" class="rehearsal-outcome">
        {outcome !== undefined && (
          <>
            Test ring of {momentInSentence(last.at, Date.now())}: <strong>{outcome}</strong>.
            {updated && ' Since then Reachable or this browser was updated: test it again.'}
          </>
        )}
      </p>
      <p role="alert" class="field-error">
        {lost && 'Reachable was interrupted. Try again.'}
      </p>
    </div>
  )
}

interface QuestionProps {
  readonly asks: string
  readonly said: boolean | null
  readonly say: (yes: boolean) => () => Promise<unknown>
}

const Question = ({ asks, said, say }: QuestionProps) => (
  <fieldset class="rehearsal-question">
    <legend>{asks}</legend>
    <div class="rehearsal-answers">
      {[true, false].map((yes) => (
        <CommandButton
          key={String(yes)}
          class={said === yes ? 'button--small rehearsal-said' : 'button--small'}
          pressed={said === yes}
          run={say(yes)}
        >
          {yes ? 'Yes' : 'No'}
        </CommandButton>
      ))}
    </div>
  </fieldset>
)

const Advice = ({ sentences }: { readonly sentences: readonly string[] }) => (
  <ul class="rehearsal-advice">
    {sentences.map((sentence) => (
      <li key={sentence}>{sentence}</li>
    ))}
  </ul>
)
