import { html } from 'hono/html'
import { page } from '../pages/layout.ts'

const texts = {
  'no-start': {
    heading: 'This is not the way to sign in',
    what: 'The address that this browser was sent to is not one that Reachable uses. Nothing was done.',
  },
  unknown: {
    heading: 'This sign-in is over',
    what: 'It was finished before, took too long, or was begun in another browser. Nothing was done.',
  },
  'too-many': {
    heading: 'Too many sign-ins',
    what: 'Very many sign-ins were begun from your network in the last ten minutes. Please wait a little.',
  },
} as const

export type SignInStop = keyof typeof texts

/** Where a browser ends when there is no extension that could be told. */
export const signInStoppedPage = (why: SignInStop) =>
  page(
    `${texts[why].heading} – Reachable`,
    html`<p class="mark" data-kind="off"><span></span>Reachable</p>
      <h1>${texts[why].heading}</h1>
      <p>${texts[why].what}</p>
      <p>To sign in, open Reachable from the browser’s toolbar and begin there. This page can be closed.</p>`,
  )
