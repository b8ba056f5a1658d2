import { html } from 'hono/html'

type Html = ReturnType<typeof html>

/** The frame of every page: one column, one heading, no scripts. */
export const page = (title: string, content: Html): Html => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="robots" content="noindex" />
    <title>${title}</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/pages.css" />
  </head>
  <body>
    <main>${content}</main>
  </body>
</html>`
