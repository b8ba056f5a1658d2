import { type Operator, readOperatorFile } from '../operator-file.ts'

/** Longer than a ring may take to be acknowledged. */
const answerWithin = 8_000

/** Asks the running server of this data directory. @returns undefined when none answers. */
export async function askServer(
  operator: Operator,
  path: string,
  body: object,
): Promise<Response | undefined> {
  try {
    return await fetch(`${operator.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operator.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(answerWithin),
    })
  } catch {
    return undefined
  }
}

/** Has a running server close the lines of sessions that were just ended. Without one there is nothing to close. */
export async function recheckNow(operatorFile: string, userId: string): Promise<void> {
  const operator = readOperatorFile(operatorFile)
  if (operator) await askServer(operator, '/api/operator/recheck', { user: userId })
}
