import * as v from 'valibot'
import { nameError, normalizedName } from '../../protocol/display-name.ts'
import { longestVisitorName, placeLight, placeTiming } from '../../protocol/place.ts'
import { askLight, askToVisit, endVisit, endVisitLeaving, NotDone, waitForNews } from './ask-server.ts'
import { createAwakeClock } from './awake-clock.ts'
import { beginLight, type LightEvent, reduceLight, shownLight } from './light-reducer.ts'
import { solve } from './solve.ts'
import { prepareTone, type Tone } from './tone.ts'
import { isHeld, noVisit, reduceVisit, type Visit, type VisitEvent } from './visit-reducer.ts'
import { fill, lightSentence, outcomeSentence, standingSentence, waitingSentence } from './wording.ts'

/** What the server put into the page. */
const given = v.object({
  light: placeLight,
  texts: v.record(v.string(), v.string()),
  canTalk: v.boolean(),
  challenge: v.nullable(v.string()),
  language: v.string(),
})

/** The clocks are looked at this often, in ms: so soon after a sleep nothing is said that is over. */
const lookEvery = 250
/** After an asking that failed the next waits so long, in ms. */
const againAfter = 500
/** A visit that was made, and of which no answer came, is over so long after it was asked for first, in ms. */
const goneAfter = 2 * placeTiming.leaseFor
const mostSolved = 3

/** The part of the page with this id; undefined where the page has none, as in a frame of another site. */
const part = <E extends HTMLElement = HTMLElement>(id: string): E | undefined =>
  (document.getElementById(id) as E | null) ?? undefined

function setText(element: Element | null | undefined, text: string): void {
  // The same words again would be read out again.
  if (element && element.textContent !== text) element.textContent = text
}

const show = (element: HTMLElement | undefined, isShown: boolean) => {
  if (element) element.hidden = !isShown
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function start(): void {
  const { light: first, texts, canTalk, challenge, language } = v.parse(
    given,
    JSON.parse(part('place')?.textContent ?? ''),
  )
  const { slug, name: place } = first
  const now = createAwakeClock()
  // By the clock of the place where it is read, of 12 or 24 hours, in the page's language.
  const spoken = navigator.languages.find((one) => one.split('-')[0] === language) ?? language
  const clockText = new Intl.DateTimeFormat(spoken, { timeStyle: 'medium' })
  const dayText = new Intl.DateTimeFormat(spoken, { dateStyle: 'full', timeStyle: 'short' })

  let light = beginLight(first, 0, document.visibilityState === 'visible')
  let visit: Visit = noVisit
  let tone: Tone | undefined
  let isLeavingMessage = challenge !== null || document.querySelector('[aria-invalid="true"]') !== null

  const onLight = (event: LightEvent) => {
    const [next, asks] = reduceLight(light, event, now())
    light = next
    if (asks !== null)
      askLight(slug).then(
        (answer) => onLight({ kind: 'answered', n: asks, light: answer }),
        () => onLight({ kind: 'failed', n: asks }),
      )
    draw()
  }

  const onVisit = (event: VisitEvent) => {
    const before = visit.kind
    visit = reduceVisit(visit, event)
    if (visit.kind === 'waiting' && before !== 'waiting') void follow()
    if (visit.kind === 'answered' && before !== 'answered') void enter(visit.room)
    draw()
  }

  /** Until it is over: each asking says that the page is here. Chained by answers, and not by a timer, which hidden pages are short of. */
  const follow = async () => {
    let seen: string | null = visit.kind === 'waiting' ? visit.view.standing : null
    while (visit.kind === 'waiting') {
      const { id, secret } = visit
      const sentAt = now()
      try {
        const view = await waitForNews(id, secret, seen)
        seen = view.standing
        onVisit({ kind: 'view', view, sentAt })
      } catch (error) {
        if (error instanceof NotDone && error.status === 404) onVisit({ kind: 'gone' })
        else await pause(againAfter)
      }
    }
  }

  const enter = async (room: string) => {
    if (document.visibilityState !== 'visible') await tone?.play()
    location.assign(room)
  }

  const call = async (name: string) => {
    tone = prepareTone()
    onVisit({ kind: 'pressed' })
    const key = [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('')
    const began = now()
    let proof: string | undefined
    let solved = 0
    while (visit.kind === 'asking') {
      const sentAt = now()
      try {
        const answer = await askToVisit(slug, { name, key, ...(proof !== undefined && { proof }) })
        onVisit({ kind: 'answer', answer, sentAt })
        if (answer.kind !== 'prove') return
        // A proof that was not taken is made anew, and not for ever.
        solved += 1
        proof = solved > mostSolved ? undefined : await solve(answer.challenge)
        if (proof === undefined) return onVisit({ kind: 'refused', retryAfter: null })
      } catch (error) {
        if (error instanceof NotDone) return onVisit({ kind: 'refused', retryAfter: error.retryAfter })
        // Whether it rings is not known. The same key makes one visit, and one that nobody asks about is over by then.
        if (now() - began > goneAfter) return onVisit({ kind: 'refused', retryAfter: null })
        await pause(againAfter)
      }
    }
  }

  const hangUp = () => {
    if (visit.kind !== 'waiting') return
    const { id, secret } = visit
    const sentAt = now()
    // The one who follows hears of it too, whichever comes first; what fails is asked again by nobody: the lease ends it.
    endVisit(id, secret).then(
      (view) => onVisit({ kind: 'view', view, sentAt }),
      () => {},
    )
  }

  let drawnUntil = 0
  const drawLight = () => {
    const element = part('light')
    if (!element) return
    const shown = shownLight(light, now())
    element.dataset.state = shown.kind === 'known' ? shown.light.state : 'checking'
    setText(element.querySelector('.sentence'), lightSentence(texts, shown, place))
    setText(element.querySelector('.waiting'), waitingSentence(texts, shown))
    const until = light.known?.until ?? 0
    if (until !== drawnUntil) {
      drawnUntil = until
      // Begun anew, the style sheet takes back what is said by itself, should this script do no more.
      element.removeAttribute('data-left')
      void element.offsetWidth
      if (shown.kind === 'known') element.dataset.left = String(Math.floor(shown.left / 1_000))
    }
    const confirmed = element.querySelector('.confirmed')
    const proof = shown.kind === 'known' ? clockText.format(shown.light.at) : ''
    setText(confirmed, proof === '' ? '' : fill(texts.confirmed, { time: proof }))
    const opens = element.querySelector<HTMLTimeElement>('time.opens')
    if (opens) setText(opens, dayText.format(new Date(opens.dateTime)))
  }

  const standing = (): string => {
    switch (visit.kind) {
      case 'none':
        return ''
      case 'asking':
        return fill(texts[visit.isProving ? 'proving' : 'calling'], { place })
      case 'waiting':
        return isHeld(visit, now()) ? standingSentence(texts, visit.view, place) : (texts.waitingLost ?? '')
      case 'answered':
        return texts.answered ?? ''
      case 'over':
        return outcomeSentence(texts, visit.outcome, place, visit.retryAfter)
    }
  }

  const drawVisit = () => {
    const shown = shownLight(light, now())
    const state = shown.kind === 'known' ? shown.light.state : 'reachable'
    const isUnderWay = visit.kind === 'asking' || visit.kind === 'waiting' || visit.kind === 'answered'
    const mayCall = canTalk && !isUnderWay && (state === 'reachable' || state === 'busy')
    const hasFailed = visit.kind === 'over' && visit.outcome !== 'cancelled'
    const isMessageShown =
      !isUnderWay && (isLeavingMessage || hasFailed || !canTalk || state === 'closed' || state === 'unknown')
    // While one's own call is under way, whether another would ring says nothing to anybody.
    show(part('light'), !isUnderWay)
    show(part('calling'), mayCall)
    const label = state === 'busy' ? texts.waitInLine : hasFailed ? texts.callAgain : texts.call
    setText(document.querySelector('#call button'), label ?? '')
    show(part('visit'), visit.kind !== 'none' || !canTalk)
    setText(part('standing'), visit.kind === 'none' && !canTalk ? (texts.noRoom ?? '') : standing())
    setText(part('stay'), visit.kind === 'waiting' ? (texts.stay ?? '') : '')
    show(part('hang-up'), visit.kind === 'waiting')
    show(part('message'), isMessageShown)
    show(part('instead'), !isUnderWay && !isMessageShown)
  }

  const draw = () => {
    drawLight()
    if (part('calling')) drawVisit()
  }

  part<HTMLFormElement>('call')?.addEventListener('submit', (event) => {
    event.preventDefault()
    const input = part<HTMLInputElement>('caller')
    const error = part('caller-error')
    const name = normalizedName(input?.value ?? '')
    const wrong = nameError(name)
    const isTooLong = [...name].length > longestVisitorName
    show(error, wrong !== undefined || isTooLong)
    setText(error, (wrong === 'missing' ? texts.nameMissing : texts.nameTooLong) ?? '')
    if (wrong !== undefined || isTooLong) {
      input?.setAttribute('aria-invalid', 'true')
      return input?.focus()
    }
    input?.removeAttribute('aria-invalid')
    // Whoever is not answered need not say it again.
    const again = part<HTMLInputElement>('name')
    if (again && again.value === '') again.value = name
    void call(name)
  })
  part('hang-up')?.addEventListener('click', hangUp)
  part('instead')?.addEventListener('click', () => {
    isLeavingMessage = true
    draw()
    part('message-title')?.focus()
  })

  document.addEventListener('visibilitychange', () =>
    onLight({ kind: document.visibilityState === 'visible' ? 'seen' : 'hidden' }),
  )
  addEventListener('pagehide', () => {
    onLight({ kind: 'hidden' })
    if (visit.kind === 'waiting') endVisitLeaving(visit.id, visit.secret)
  })
  addEventListener('pageshow', () => {
    if (document.visibilityState === 'visible') onLight({ kind: 'seen' })
  })
  setInterval(() => onLight({ kind: 'tick' }), lookEvery)
  draw()
  if (challenge !== null) void sendAgain(challenge)
}

/** Much was being left: the work that was asked for is done, and what was typed is sent as it is. */
async function sendAgain(challenge: string): Promise<void> {
  const form = part<HTMLFormElement>('leave')
  const field = form?.elements.namedItem('proof')
  const proof = await solve(challenge)
  if (!form || !(field instanceof HTMLInputElement) || proof === undefined) return
  field.value = proof
  form.submit()
}

start()
