import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

/** What a browser says of itself that goes somewhere in sight of its person. */
export const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

/** Opens an address as a browser does, and follows nothing. Node's `fetch` always says that it is no navigation. */
export async function navigate(
  address: string | URL,
  headers: Readonly<Record<string, string>> = navigation,
): Promise<Response> {
  const asking = request(address, { headers }).end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  const body = await text(answer)
  const received = new Headers()
  for (const [name, values = []] of Object.entries(answer.headersDistinct))
    for (const value of values) received.append(name, value)
  return new Response(body, { status: answer.statusCode ?? 0, headers: received })
}

/** What a sign-in came to, as the browser's window saw it. */
export interface Ended {
  readonly status: number
  /** Where the last answer wanted to go: an address of no server here; undefined when a page was shown. */
  readonly to: URL | undefined
  readonly page: string
  /** Every address that was opened. */
  readonly trail: readonly URL[]
}

/** A browser as far as sign-ins need one: it keeps cookies by path and follows redirects between servers. */
export interface Browser {
  /** Opens an address and follows redirects as long as they lead to one of `servers`. */
  open(address: string | URL): Promise<Ended>
  readonly cookies: readonly string[]
}

interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
}

export function newBrowser(servers: readonly string[]): Browser {
  let jar: Cookie[] = []

  const keep = (header: string) => {
    const [pair = '', ...attributes] = header.split(';').map((part) => part.trim())
    const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
    const path = attributes.find((part) => /^path=/i.test(part))?.slice('path='.length) ?? '/'
    const over = attributes.some((part) => /^(max-age=0|expires=thu, 01 jan 1970)/i.test(part))
    jar = jar.filter((cookie) => cookie.name !== name || cookie.path !== path)
    if (!over && value !== '') jar.push({ name, value, path })
  }

  return {
    get cookies() {
      return jar.map(({ name }) => name)
    },
    async open(address) {
      const trail: URL[] = []
      for (let url = new URL(address); ; ) {
        trail.push(url)
        const cookie = jar
          .filter(({ path }) => url.pathname.startsWith(path))
          .map(({ name, value }) => `${name}=${value}`)
          .join('; ')
        const response = await navigate(url, { ...navigation, ...(cookie && { cookie }) })
        for (const header of response.headers.getSetCookie()) keep(header)
        const location = response.headers.get('location')
        const page = await response.text()
        if (location === null) return { status: response.status, to: undefined, page, trail }
        const next = new URL(location, url)
        if (!servers.includes(next.origin)) return { status: response.status, to: next, page, trail }
        url = next
      }
    },
  }
}
