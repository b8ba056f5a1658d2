import { html } from 'hono/html'
import {
  lightText,
  longestLeft,
  longestVisitorName,
  longestWayBack,
  mostLinesLeft,
  type PlaceLight,
} from '../../protocol/place.ts'
import type { Locale } from '../locales/locale.ts'
import type { PlaceTexts } from '../locales/places/en.ts'
import { errorOf, errorSummary, type FieldError, field, formPageOptions } from '../pages/form-fields.ts'
import { jsonScript } from '../pages/json-script.ts'
import { type Html, page, titledPage } from '../pages/layout.ts'
import { linesOf } from './left-message.ts'

/** Puts what varies into a text of `page`. */
export const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole))

/** What is so by a light, in a sentence. */
export const lightSentence = ({ page: texts }: PlaceTexts, light: PlaceLight): string =>
  fill(texts[lightText(light)], { place: light.name })

/** As the server has it, for whoever reads a page without its script: `14:02:31 UTC`. */
export const clockTime = (at: number): string => `${new Date(at).toISOString().slice(11, 19)} UTC`

const timeOf = (at: number): Html =>
  html`<time datetime="${new Date(at).toISOString()}">${clockTime(at)}</time>`

/** So much earlier than it must what has no script takes back what it says, in ms: it does not know when it was asked for. */
export const loadedWithin = 1_000

/**
 * The light, and how it is taken back: a page without scripts does it by its style sheet alone, once the seconds of
 * `data-left` are over. What stands there after that is true for as long as somebody looks at it.
 */
export function lightBlock({ texts: { places } }: Locale, light: PlaceLight): Html {
  const left = Math.max(0, Math.floor((light.validFor - loadedWithin) / 1_000))
  const was = light.state === 'reachable' ? places.page.wasReachable : places.page.wasOtherwise
  const waiting =
    light.waiting === 0
      ? ''
      : fill(light.waiting === 1 ? places.page.waitingOne : places.page.waitingMany, { n: light.waiting })
  const [before = '', after = ''] = places.page.confirmed.split('{time}')
  return html`<div id="light" class="light" data-state="${light.state}" data-left="${left}">
    <div class="now">
      <p class="is" role="status">
        <span class="disc" aria-hidden="true"></span><span class="sentence">${lightSentence(places, light)}</span>
      </p>
      <p class="note opening">${light.opensAt === null ? '' : opensText(places, light.opensAt)}</p>
      <p class="note waiting">${waiting}</p>
      <p class="note confirmed">${before}${timeOf(light.at)}${after}</p>
    </div>
    <p class="then">${fill(was, { place: light.name })}</p>
  </div>`
}

function opensText({ page: { opens } }: PlaceTexts, at: number): Html {
  const [before = '', after = ''] = opens.split('{time}')
  const written = new Date(at).toISOString()
  return html`${before}<time datetime="${written}">${written.slice(0, 16).replace('T', ' ')} UTC</time>${after}`
}

/** What was typed into the form for a message, and what is wrong with it. */
export interface TypedMessage {
  readonly name: string
  readonly wayBack: string
  readonly text: string
  /** The form's own id of it. */
  readonly key: string
  readonly errors?: readonly FieldError[]
  /** Nobody's mistake: it is sent again as it is, by the script with this solved. */
  readonly challenge?: string | undefined
}

/** The address of the one script of a place's pages; undefined while it was not built: they do without. */
type PlaceScript = string | undefined

const scriptsOf = (script: PlaceScript): readonly string[] => (script === undefined ? [] : [script])

export interface PlacePage {
  readonly light: PlaceLight
  readonly script: PlaceScript
  /** Whether browsers give camera and microphone at the address of this server. */
  readonly canTalk: boolean
  readonly typed: TypedMessage
}

/** The public page of a place: its light, the way to call it, and the form that leaves a message. */
export function placePage(locale: Locale, { light, script, canTalk, typed }: PlacePage): Html {
  const { language, texts } = locale
  const { places } = texts
  const { errors = [], challenge } = typed
  const title = places.title(light.name)
  const isShut = light.why === 'shut'
  return titledPage(
    title,
    html`${lightBlock(locale, light)} ${errorSummary(locale, errors)}
      ${challenge === undefined ? '' : html`<p class="errors" role="alert" id="crowded">${places.message.crowded}</p>`}
      ${isShut ? '' : html`${callSection(places, typed.name)} ${messageSection(places, light, typed)}`}
      ${jsonScript('place', { light, texts: places.page, canTalk, challenge: challenge ?? null, language })}`,
    {
      ...formPageOptions(locale, title, errors),
      back: 'nowhere',
      styles: ['/place.css'],
      scripts: scriptsOf(script),
    },
  )
}

/** Shown by the script, without which nobody can wait for an answer; where it does not run, for whatever reason, that is told. */
const callSection = ({ callTitle, yourName, noScript, page: texts }: PlaceTexts, name: string): Html =>
  html`<p class="note" id="no-script">${noScript}</p>
    <section id="visit" hidden>
      <p id="standing" role="status" tabindex="-1"></p>
      <p class="note" id="stay"></p>
      <button type="button" class="button button--danger" id="hang-up">${texts.hangUp}</button>
    </section>
    <section id="calling" aria-labelledby="call-title" hidden>
      <h2 id="call-title">${callTitle}</h2>
      <form id="call" novalidate>
        <div class="field">
          <label for="caller">${yourName}</label>
          <p class="error" id="caller-error" role="alert" hidden></p>
          <input
            id="caller"
            type="text"
            value="${name}"
            maxlength="${longestVisitorName * 2}"
            autocomplete="name"
            spellcheck="false"
            aria-describedby="caller-error"
            required
          />
        </div>
        <button type="submit" class="button button--primary">${texts.call}</button>
      </form>
    </section>
    <p hidden id="instead"><button type="button" class="button">${texts.leaveInstead}</button></p>`

const messageSection = (places: PlaceTexts, { slug, name }: PlaceLight, typed: TypedMessage): Html =>
  html`<section id="message" aria-labelledby="message-title">
    <h2 id="message-title" tabindex="-1">${places.message.title}</h2>
    <p>${places.message.about(name)}</p>
    ${messageForm(places, slug, typed)}
  </section>`

/** The form alone, with what was typed into it, where nothing could be asked of the place. @param told why it is there again. */
export function typedAgainPage(locale: Locale, slug: string, typed: TypedMessage, told: string): Html {
  const { places } = locale.texts
  return titledPage(
    places.message.title,
    html`<p class="errors" role="alert">${told}</p>
      ${messageForm(places, slug, typed)}`,
    { language: locale.language, back: 'nowhere', styles: ['/place.css'] },
  )
}

function messageForm(
  { message, yourName }: PlaceTexts,
  slug: string,
  { name, wayBack, text, key, errors = [] }: TypedMessage,
): Html {
  const [{ field: wrong } = { field: '' }] = errors
  return html`<form id="leave" method="post" action="/reach/${slug}/message" novalidate>
      <input type="hidden" name="key" value="${key}" />
      <input type="hidden" name="proof" value="" />
      ${field({
        ...{ name: 'name', label: yourName, value: name, autocomplete: 'name' },
        ...{ error: errorOf(errors, 'name'), autofocus: wrong === 'name' },
      })}
      ${field({
        ...{ name: 'wayBack', label: message.wayBack, hint: message.wayBackHint, value: wayBack },
        ...{ autocomplete: 'email', error: errorOf(errors, 'wayBack'), autofocus: wrong === 'wayBack' },
      })}
      ${textField(message.text, text, errorOf(errors, 'text'), wrong === 'text')}
      <button type="submit" class="button button--primary">${message.button}</button>
    </form>`
}

const textField = (label: string, text: string, error: string | undefined, isFocused: boolean): Html =>
  html`<div class="field">
    <label for="text">${label}</label>
    ${error ? html`<p class="error" id="text-error">${error}</p>` : ''}
    <textarea
      id="text"
      name="text"
      rows="5"
      maxlength="${longestLeft}"
      ${error ? html`aria-describedby="text-error" aria-invalid="true"` : ''}
      ${isFocused ? html`autofocus` : ''}
      required
    >
${text}</textarea
    >
  </div>`

/** The same light in a frame of another site. Pressing Call opens the place itself, in a tab of its own. */
export function embedPage(locale: Locale, light: PlaceLight, script: PlaceScript): Html {
  const { language, texts } = locale
  const { embed, page: forScript } = texts.places
  return page(
    light.name,
    html`<h1 class="for-readers">${light.name}</h1>
      ${lightBlock(locale, light)}
      <p>
        <a
          class="button button--primary"
          href="/reach/${light.slug}"
          target="_blank"
          rel="noopener noreferrer"
          aria-label="${embed.openLabel(light.name)}"
          >${embed.open}</a
        >
      </p>
      ${jsonScript('place', { light, texts: forScript, canTalk: false, challenge: null, language })}`,
    {
      language,
      styles: ['/place.css'],
      scripts: scriptsOf(script),
      body: 'embedded',
      // A frame has nothing that would be lost by it.
      reloads: 8,
    },
  )
}

/**
 * The seconds after which the page around an image turns it grey. A browser begins the image's own time as it is first seen,
 * and so would show what was so long ago in a tab that was opened behind others; the page's time goes on there.
 */
const imageGreyAfter = 6

/** What a frame needs of room, in CSS pixels. */
const frame = { width: 340, height: 220 }

/** A page that shows how a place is shown elsewhere. */
export function embeddingPage(locale: Locale, light: PlaceLight, publicUrl: string): Html {
  const { embedding } = locale.texts.places
  const at = `${publicUrl}/reach/${light.slug}`
  const inFrame = [
    '<iframe',
    `  src="${at}/embed"`,
    `  title="${light.name.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`,
    `  width="${frame.width}" height="${frame.height}"`,
    '  style="border: 0; max-width: 100%"',
    '  loading="lazy"',
    '  referrerpolicy="no-referrer"',
    '></iframe>',
  ].join('\n')
  const asImage = [
    '<style>',
    '  @keyframes reachable-over { from, to { filter: grayscale(1) } }',
    `  .reachable-light { animation: reachable-over 1ms ${imageGreyAfter}s forwards }`,
    '</style>',
    `<a href="${at}"`,
    '  target="_blank" rel="noopener noreferrer">',
    `  <img src="${at}/light.svg"`,
    '    class="reachable-light" width="240" height="40" alt="" referrerpolicy="no-referrer">',
    `  ${light.name.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}`,
    '</a>',
  ].join('\n')
  const allowing = `npm run place -- origins ${light.slug} https://your-site.example`
  const title = embedding.title(light.name)
  return titledPage(
    title,
    html`<p>${embedding.opening}</p>
      <h2>${embedding.frameTitle}</h2>
      <pre tabindex="0"><code>${inFrame}</code></pre>
      <p class="note">${embedding.frame}</p>
      <pre tabindex="0"><code>${allowing}</code></pre>
      <h2>${embedding.imageTitle}</h2>
      <pre tabindex="0"><code>${asImage}</code></pre>
      <p class="note">${embedding.image}</p>
      <p class="note">${embedding.here}</p>
      <p><img class="reachable-light" src="/reach/${light.slug}/light.svg" width="240" height="40" alt="${lightSentence(locale.texts.places, light)}" /></p>`,
    {
      language: locale.language,
      styles: ['/place.css'],
      back: { href: `/reach/${light.slug}`, label: locale.texts.places.message.back(light.name) },
    },
  )
}

const isLeavable = (text: string): boolean =>
  text.trim() !== '' && text.length <= longestLeft && linesOf(text).length <= mostLinesLeft

export const typedErrors = (
  { message: { errors } }: PlaceTexts,
  { name, wayBack, text }: Pick<TypedMessage, 'name' | 'wayBack' | 'text'>,
  isName: (name: string, longest: number) => boolean,
): FieldError[] => [
  ...(isName(name, longestVisitorName) ? [] : [{ field: 'name', message: errors.name }]),
  ...(isName(wayBack, longestWayBack) ? [] : [{ field: 'wayBack', message: errors.wayBack }]),
  ...(isLeavable(text) ? [] : [{ field: 'text', message: errors.text }]),
]
