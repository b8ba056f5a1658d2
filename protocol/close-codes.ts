/**
 * Why the server ended a connection, as WebSocket close codes of the private range (RFC 6455, 7.4.2), each
 * with what the `device` does on it,
 * and whether its name says more than that the session is over:
 *
 * - `retry`: open a new connection after the usual delay;
 * - `sign-out`: the session is over, forget it and ask the person to log in;
 * - `taken-over`: another living copy of this profile has the connection now: ask again, without taking it back;
 * - `wrong-address`, `too-many-devices`: say so, and try again after the usual delay: it may be mended;
 * - `outdated`: nothing but a newer extension (or server) helps, try again only at the next alarm.
 */
export const closeCodes = {
  malformed: { code: 4400, device: 'retry' },
  sessionEnded: { code: 4401, device: 'sign-out' },
  /** The session is over since its person has another password: by themselves, by the operator or by their clinic. */
  passwordChanged: { code: 4402, device: 'sign-out', says: true },
  proofRefused: { code: 4403, device: 'sign-out' },
  /** The proof of the hello names an address that is not one of the server's own. */
  wrongAddress: { code: 4404, device: 'wrong-address' },
  /** The session is over since its person logged this device out in My account. */
  endedInMyAccount: { code: 4405, device: 'sign-out', says: true },
  helloLate: { code: 4408, device: 'retry' },
  /** A newer connection of the same device was welcomed (T9). */
  replaced: { code: 4409, device: 'taken-over' },
  ringUnanswered: { code: 4410, device: 'retry' },
  /** After `outranked`: a newer connection of the same device has been welcomed already (T9). */
  superseded: { code: 4411, device: 'retry' },
  tooManyDevices: { code: 4412, device: 'too-many-devices' },
  protocolUnknown: { code: 4426, device: 'outdated' },
  tooMany: { code: 4429, device: 'retry' },
  serverStopping: { code: 4503, device: 'retry' },
} as const

export type CloseReason = keyof typeof closeCodes
/** Why a session is over, where the server says more than that. */
export type SessionEndReason = {
  [Reason in CloseReason]: (typeof closeCodes)[Reason] extends { says: true } ? Reason : never
}[CloseReason]

const saysWhy = (reason: CloseReason): reason is SessionEndReason => 'says' in closeCodes[reason]

const reasons: readonly SessionEndReason[] = (Object.keys(closeCodes) as CloseReason[]).filter(saysWhy)

/** Why the session is over after a connection closed with `code`; undefined where nobody says. */
export const sessionEndReason = (code: number): SessionEndReason | undefined =>
  reasons.find((reason) => closeCodes[reason].code === code)

export type AfterClose = (typeof closeCodes)[CloseReason]['device']

const afterByCode = new Map<number, AfterClose>(
  Object.values(closeCodes).map(({ code, device }) => [code, device]),
)

/** What to do after a connection closed with `code`; any code that is not ours means the connection was lost. */
export const afterClose = (code: number): AfterClose => afterByCode.get(code) ?? 'retry'
