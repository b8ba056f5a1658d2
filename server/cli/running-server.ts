import { type Operator, readOperatorFile } from '../operator-file.ts'

/** Longer than a ring may take to be acknowledged. */
const answerWithin = 8_000

/**
 * Asks the running server of this data directory. @returns `no-server` when nothing listens there, so that nothing was
 * done; `no-answer` when something does, or did, and it is not known whether it was done.
 */
export async function askServer(
  operator: Operator,
  path: string,
  body: object,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: unknown } | 'no-server' | 'no-answer'> {
  try {
    const response = await fetch(`${operator.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operator.key}`, 'content-type': 'application/json', ...more },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(answerWithin),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  } catch (cause) {
    return isRefused(cause) ? 'no-server' : 'no-answer'
  }
}

const isRefused = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && error.code === 'ECONNREFUSED') ||
    (error.cause !== undefined && isRefused(error.cause)))

/** Has a running server close the connections of sessions that were just ended. Without one there is nothing to close. */
export async function recheckNow(operatorFile: string, userId: string): Promise<void> {
  const operator = readOperatorFile(operatorFile)
  if (operator) await askServer(operator, '/api/operator/recheck', { user: userId })
}
