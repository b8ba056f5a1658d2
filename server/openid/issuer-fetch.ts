import type { CustomFetch } from 'openid-client'

/** No answer of an issuer is read further than this, in bytes as they are once they are unpacked. */
const longestAnswer = 1_048_576

/** The issuer did not answer, or not in time. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable'
}

/** The issuer's answer is not to be believed, or makes no sense. */
export class IssuerUntrusted extends Error {
  override readonly name = 'IssuerUntrusted'
}

/**
 * Asks the issuer, and has its whole answer within what `options.signal` gives it: whoever drips a body keeps nobody
 * waiting, and one that never ends fills no memory. Tells an issuer that cannot answer from one that answers wrongly,
 * whatever the library makes of either. Redirects are the library's to refuse: it asks for them not to be followed.
 *
 * @throws IssuerUnavailable, IssuerUntrusted
 */
export const askIssuer: CustomFetch = async (url, options) => {
  const response = await fetch(url, options as RequestInit).catch((cause) => {
    throw new IssuerUnavailable('the issuer did not answer', { cause })
  })
  if (response.status >= 500) {
    await response.body?.cancel()
    throw new IssuerUnavailable(`the issuer answered with ${response.status}`)
  }
  const body = await readBody(response)
  const { status, statusText, headers } = response
  return new Response(body.length === 0 ? null : body, { status, statusText, headers })
}

async function readBody(response: Response): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    // Leaving the loop cancels the rest, and with it the connection.
    for await (const chunk of response.body ?? []) {
      length += chunk.length
      if (length > longestAnswer)
        throw new IssuerUntrusted(`the issuer’s answer is longer than ${longestAnswer} bytes`)
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof IssuerUntrusted) throw cause
    throw new IssuerUnavailable('the issuer did not finish its answer', { cause })
  }
  return Buffer.concat(chunks)
}
