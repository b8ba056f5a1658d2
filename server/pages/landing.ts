import { html } from 'hono/html'
import { page } from './layout.ts'

export const landingPage = () =>
  page(
    'Reachable',
    html`<p class="mark"><span></span>Reachable</p>
      <h1>This server is running</h1>
      <p>
        Reachable is a light in the browser’s toolbar that tells its user, truthfully, whether calls can
        reach them, and that rings when one comes. This is the server behind the light. There is nothing to
        sign in to on this page.
      </p>
      <h2>To be reachable</h2>
      <ol>
        <li>Add the Reachable extension to your browser and pin its icon to the toolbar.</li>
        <li>Open it and log in with the username and password you were given.</li>
        <li>A green disc means that a call has just been proven to get through to you.</li>
      </ol>`,
  )
