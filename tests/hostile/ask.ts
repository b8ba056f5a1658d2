import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface Question {
  readonly method?: string
  /** In pairs, so that one may stand there twice; `host` too. */
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string | Buffer
}

/** Asks as no browser would: with any header, as often as wanted. A server that hangs up has answered 0. */
export async function ask(
  url: string,
  { method = 'GET', headers = [], body }: Question = {},
): Promise<Answer> {
  try {
    const { host } = new URL(url)
    const given = headers.some(([name]) => name.toLowerCase() === 'host')
      ? headers
      : [['host', host] as const, ...headers]
    const length = body === undefined ? [] : ['content-length', String(Buffer.byteLength(body))]
    const asked = request(url, { method, agent: false, headers: [...given.flat(), ...length] }).end(body)
    const [response] = await once(asked, 'response')
    return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) }
  } catch (error) {
    return { status: 0, headers: {}, body: String(error) }
  }
}

/** Sends bytes as they are. @returns all that came back until the server closed. */
export async function sendBytes(url: string, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.on('error', () => {})
  socket.end(bytes)
  return text(socket).catch(() => '')
}
