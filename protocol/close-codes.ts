/**
 * Why the server ended a line, as WebSocket close codes of the private range (RFC 6455, 7.4.2), each
 * with what the `device` does on it:
 *
 * - `retry`: open a new line after the usual delay;
 * - `sign-out`: the session is over, forget it and ask the person to log in;
 * - `stay-closed`: another worker of this same device has the line now, leave it alone;
 * - `outdated`: nothing but a newer extension (or server) helps, try again only at the next alarm.
 */
export const closeCodes = {
  malformed: { code: 4400, device: 'retry' },
  sessionEnded: { code: 4401, device: 'sign-out' },
  proofRefused: { code: 4403, device: 'sign-out' },
  helloLate: { code: 4408, device: 'retry' },
  replaced: { code: 4409, device: 'stay-closed' },
  ringUnanswered: { code: 4410, device: 'retry' },
  protocolUnknown: { code: 4426, device: 'outdated' },
  tooMany: { code: 4429, device: 'retry' },
  serverStopping: { code: 4503, device: 'retry' },
} as const

export type CloseReason = keyof typeof closeCodes
export type AfterClose = (typeof closeCodes)[CloseReason]['device']

const afterByCode = new Map<number, AfterClose>(
  Object.values(closeCodes).map(({ code, device }) => [code, device]),
)

/** What to do after a line closed with `code`; any code that is not ours means the line was lost. */
export const afterClose = (code: number): AfterClose => afterByCode.get(code) ?? 'retry'
