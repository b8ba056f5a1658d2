/** No answer of a server of ours is longer, in bytes. */
const longest = 65_536

/**
 * The JSON of a server's answer. One that goes on and on is read no further.
 *
 * @returns null when it is none, too long, or breaks off.
 */
export async function readAnswer(response: Response): Promise<unknown> {
  const reader = response.body?.getReader()
  if (!reader) return null
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (let length = 0; ; ) {
      const { done, value } = await reader.read()
      if (done) return JSON.parse(text + decoder.decode())
      length += value.length
      if (length > longest) return null
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    return null
  } finally {
    await reader.cancel().catch(() => {})
  }
}
