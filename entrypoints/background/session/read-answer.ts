/** No answer of a server of ours is longer, in bytes. */
const longest = 65_536

/**
 * The JSON of a server's answer. One that goes on and on is read no further.
 *
 * @returns null when it is none, or too long; undefined when it breaks off.
 */
export async function readAnswer(response: Response): Promise<unknown> {
  const reader = response.body?.getReader()
  if (!reader) return null
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (let length = 0; ; ) {
      const { done, value } = await reader.read()
      if (done) break
      length += value.length
      if (length > longest) return null
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    return undefined
  } finally {
    await reader.cancel().catch(() => {})
  }
  return parseJson(text + decoder.decode())
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
