import * as v from 'valibot'
import { nameError, normalizedName } from '../../protocol/display-name.ts'
import { longestVisitorName, placeLight, placeTiming } from '../../protocol/place.ts'
import { fill } from '../page/fill.ts'
import { keepAwake } from '../page/keep-awake.ts'
import { randomName } from '../page/random-name.ts'
import {
  askLight,
  askToVisit,
  endVisitLeaving,
  hangUpVisit,
  isGone,
  meaningOf,
  NotDone,
  pauseAfter,
  waitForNews,
} from './ask-server.ts'
import { createAwakeClock } from './awake-clock.ts'
import { beginLight, type LightEvent, reduceLight, shownLight } from './light-reducer.ts'
import { solve } from './solve.ts'
import { prepareTone, type Tone } from './tone.ts'
import {
  hasFailed,
  isBlocked,
  isHeld,
  isVisit,
  noVisit,
  reduceVisit,
  type Visit,
  type VisitEvent,
} from './visit-reducer.ts'
import { lightSentence, outcomeSentence, standingSentence, waitingSentence } from './wording.ts'

/** What the server put into the page. */
const given = v.object({
  light: placeLight,
  texts: v.record(v.string(), v.string()),
  canTalk: v.boolean(),
  challenge: v.nullable(v.string()),
  language: v.string(),
})

const { againAfter, leaseFor } = placeTiming

/** The clocks are looked at this often, in ms: so soon after a sleep nothing is said that is over. */
const lookEvery = 250
/** What is not answered is asked for no longer than this, in ms; after a shorter while that is told. */
const goneAfter = 2 * leaseFor
const slowAfter = 4_000
/** Hanging up is tried again for so long, in ms: with the last of its answers it takes no more than 5 s. */
const hangUpFor = 2_000
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

/** How the light looks while nothing is known of the place, or it is known that there is none. */
const untoldStates = { checking: 'checking', 'no-connection': 'checking', gone: 'closed' } as const

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function start(): void {
  const {
    light: first,
    texts,
    canTalk,
    challenge,
    language,
  } = v.parse(given, JSON.parse(part('place')?.textContent ?? ''))
  const { slug, name: place } = first
  const now = createAwakeClock()
  // By the clock of the place where it is read, of 12 or 24 hours, in the page's language.
  const spoken = navigator.languages.find((one) => one.split('-')[0] === language) ?? language
  const clockText = new Intl.DateTimeFormat(spoken, { timeStyle: 'medium' })
  const dayText = new Intl.DateTimeFormat(spoken, { dateStyle: 'full', timeStyle: 'short' })

  let light = beginLight(first, 0, document.visibilityState === 'visible')
  let visit: Visit = noVisit
  let tone: Tone | undefined
  /** Who waits would lose their place in half a minute behind a dark screen. */
  let letScreenGo: (() => void) | undefined
  let isLeavingMessage = challenge !== null || document.querySelector('[aria-invalid="true"]') !== null

  const onLight = (event: LightEvent) => {
    const [next, asks] = reduceLight(light, event, now())
    light = next
    if (asks !== null)
      askLight(slug).then(
        (answer) => onLight({ kind: 'answered', n: asks, light: answer }),
        (error) => onLight({ kind: isGone(error) ? 'gone' : 'failed', n: asks }),
      )
    draw()
  }

  const onVisit = (event: VisitEvent) => {
    const before = visit
    const after = reduceVisit(before, event)
    visit = after
    if (after.kind === 'waiting' && before.kind !== 'waiting') void follow(after)
    if (after.kind === 'answered' && before.kind !== 'answered') void enter(after.room)
    if (after.kind === 'over' && before.kind !== 'over') tone?.close()
    draw()
    // What had the focus may be gone.
    if (after.kind === 'asking' && before.kind !== 'asking') part('hang-up')?.focus()
    if (after.kind === 'over' && before.kind !== 'over') part('standing')?.focus()
  }

  const isStaying = (id: string) => isVisit(visit, id) && !visit.isLeaving

  /** Until it is over: each asking says that the page is here. Chained by answers, and not by a timer, which hidden pages are short of. */
  const follow = async ({ id, secret, view: first }: Visit & { kind: 'waiting' }) => {
    let seen = first.standing
    while (isStaying(id)) {
      const sentAt = now()
      try {
        const view = await waitForNews(id, secret, seen)
        seen = view.standing
        onVisit({ kind: 'view', view, sentAt })
      } catch (error) {
        if (isGone(error)) onVisit({ kind: 'gone', id })
        else await pause(againAfter)
      }
    }
  }

  const enter = async (room: string) => {
    if (document.visibilityState !== 'visible') await tone?.play()
    location.assign(room)
  }

  const call = async (name: string) => {
    tone?.close()
    tone = prepareTone()
    const key = randomName()
    const began = now()
    const isAsking = () => visit.kind === 'asking' && visit.key === key
    onVisit({ kind: 'pressed', key, at: began })
    let proof: string | undefined
    let solved = 0
    /** Something was asked, and whether that was done is not known: there may be a visit. */
    let isUnsure = false
    while (isAsking()) {
      const sentAt = now()
      try {
        const answer = await askToVisit(slug, { name, key, ...(proof !== undefined && { proof }) })
        // Whoever has hung up meanwhile is not called for, and not waited for in a room.
        if (answer.kind === 'visiting' && !isAsking()) void sayHungUp(answer.visit.id, answer.secret)
        onVisit({ kind: 'answer', key, answer, sentAt })
        if (answer.kind !== 'prove') return
        // A proof that was not taken is made anew, and not for ever.
        solved += 1
        proof = solved > mostSolved ? undefined : await solve(answer.challenge)
        if (proof === undefined) return onVisit({ kind: 'refused', key, retryAfter: null })
      } catch (error) {
        const meaning = meaningOf(error, isUnsure)
        if (meaning === 'gone') return onVisit({ kind: 'no-place', key })
        if (meaning === 'refused') {
          const retryAfter = error instanceof NotDone && !isUnsure ? error.retryAfter : null
          return onVisit({ kind: 'refused', key, retryAfter })
        }
        // Whether it rings is not known. The same key makes one visit, and one that nobody asks about is over soon.
        isUnsure = true
        if (now() - began > goneAfter) return onVisit({ kind: 'refused', key, retryAfter: null })
        await pause(pauseAfter(error, Math.random()))
      }
    }
  }

  /** By visit: the secrets of those that were hung up, of which the server has not said yet that it knows. */
  const unheard = new Map<string, string>()

  /** Until the server knows, whatever else is heard of the visit: who answers at that moment would wait in the room for nobody. */
  const sayHungUp = async (id: string, secret: string) => {
    unheard.set(id, secret)
    const began = now()
    while (unheard.has(id)) {
      const sentAt = now()
      try {
        const view = await hangUpVisit(id, secret)
        unheard.delete(id)
        onVisit({ kind: 'view', view, sentAt })
      } catch (error) {
        const isOver = isGone(error)
        if (isOver || now() - began > hangUpFor) {
          unheard.delete(id)
          onVisit({ kind: isOver ? 'gone' : 'unheard', id })
        } else await pause(againAfter)
      }
    }
  }

  const hangUp = () => {
    const left = visit
    onVisit({ kind: 'hung-up' })
    if (left.kind === 'waiting') void sayHungUp(left.id, left.secret)
  }

  let drawnUntil = 0
  const drawLight = () => {
    const element = part('light')
    if (!element) return
    const shown = shownLight(light, now())
    element.dataset.state = shown.kind === 'known' ? shown.light.state : untoldStates[shown.kind]
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
    const opensAt = shown.kind === 'known' ? shown.light.opensAt : null
    const opening = opensAt === null ? '' : fill(texts.opens, { time: dayText.format(opensAt) })
    setText(element.querySelector('.opening'), opening)
  }

  const standing = (): string => {
    switch (visit.kind) {
      case 'none':
        return ''
      case 'asking':
        if (now() - visit.since > slowAfter) return texts.slow ?? ''
        return fill(texts[visit.isProving ? 'proving' : 'calling'], { place })
      case 'waiting':
        if (visit.isLeaving) return texts.hangingUp ?? ''
        return isHeld(visit, now()) ? standingSentence(texts, visit.view, place) : (texts.waitingLost ?? '')
      case 'answered':
        return texts.answered ?? ''
      case 'over':
        return outcomeSentence(texts, visit.outcome, place, visit.retryAfter)
    }
  }

  const rings = (): boolean =>
    visit.kind === 'waiting' && !visit.isLeaving && isHeld(visit, now()) && visit.view.ringing > 0

  const drawVisit = () => {
    const shown = shownLight(light, now())
    const isPlaceGone = shown.kind === 'gone'
    const state = shown.kind === 'known' ? shown.light.state : isPlaceGone ? null : 'reachable'
    const isUnderWay = visit.kind === 'asking' || visit.kind === 'waiting' || visit.kind === 'answered'
    const mayCall = canTalk && !isUnderWay && (state === 'reachable' || state === 'busy')
    const takesMessages = !isPlaceGone && !isBlocked(visit)
    const isNobodyCalled = hasFailed(visit) || !canTalk || state === 'closed' || state === 'unknown'
    const isMessageShown = !isUnderWay && (isLeavingMessage || (takesMessages && isNobodyCalled))
    // While one's own call is under way, whether another would ring says nothing to anybody.
    show(part('light'), !isUnderWay)
    show(part('no-script'), false)
    show(part('calling'), mayCall)
    const label = state === 'busy' ? texts.waitInLine : hasFailed(visit) ? texts.callAgain : texts.call
    setText(document.querySelector('#call button'), label ?? '')
    const box = part('visit')
    show(box, visit.kind !== 'none' || !canTalk)
    if (box) box.dataset.rings = String(rings())
    setText(part('standing'), visit.kind === 'none' && !canTalk ? (texts.noRoom ?? '') : standing())
    const mayHangUp = visit.kind === 'waiting' && !visit.isLeaving
    setText(part('stay'), mayHangUp ? (texts.stay ?? '') : '')
    show(part('hang-up'), visit.kind === 'asking' || mayHangUp)
    if (isUnderWay) letScreenGo ??= keepAwake()
    else {
      letScreenGo?.()
      letScreenGo = undefined
    }
    show(part('message'), isMessageShown)
    show(part('instead'), !isUnderWay && !isMessageShown && takesMessages)
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
    const isWrong = wrong !== undefined || [...name].length > longestVisitorName
    const told = wrong === 'missing' ? texts.nameMissing : texts.nameTooLong
    show(error, isWrong)
    // What is hidden describes its field too.
    setText(error, isWrong ? (told ?? '') : '')
    if (isWrong) {
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
  // What somebody is writing stays, however it stands with the place meanwhile.
  part('leave')?.addEventListener('focusin', () => {
    isLeavingMessage = true
  })
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
    if (visit.kind === 'waiting' && !visit.isLeaving) endVisitLeaving(visit.id, visit.secret, false)
    for (const [id, secret] of unheard) endVisitLeaving(id, secret, true)
  })
  addEventListener('pageshow', ({ persisted }) => {
    // By the way back from the room: the call is not answered a second time.
    if (persisted) onVisit({ kind: 'back' })
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
