import type { InProcessServer } from './in-process-server.ts'

type At = Pick<InProcessServer, 'url'>

/** Looks at a page as a browser does. */
export const getPage = ({ url }: At, path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}${path}`, { headers: { accept: 'text/html', ...headers }, redirect: 'manual' })

/** Sends a form from a page of the server's own, as a browser does. */
export const sendForm = (
  { url }: At,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { accept: 'text/html', 'sec-fetch-site': 'same-origin', origin: url, ...headers },
    body: new URLSearchParams(fields),
    redirect: 'manual',
  })

/** What a page says, without its tags. */
export async function textOf(response: Response): Promise<string> {
  const text = (await response.text()).replace(/<head>[\s\S]*<\/head>/, '').replaceAll(/<[^>]*>/g, ' ')
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
