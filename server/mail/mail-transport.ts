/** A mail, ready to leave. */
export interface Message {
  /** Names the mail for ever: sent twice, it is still the same one. Letters, digits and `-`. */
  readonly id: string
  /** One plain address. */
  readonly to: string
  /** A language tag. */
  readonly language: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Wall-clock ms. */
  readonly madeAt: number
  /** What the mail wants its reader to open. */
  readonly link?: string
}

/** No try to send a mail takes longer, in ms. */
export const longestTry = 60_000

/** The way out for mails. */
export interface MailTransport {
  /**
   * Resolves once somebody else is answerable for the mail: a mail server, or the disk. Within `longestTry`.
   *
   * @throws MailError, and nothing else.
   */
  send(message: Message): Promise<void>
  /** What the log says of a mail that has left; by default that it was sent. */
  readonly leftAs?: string
}

/** A mail that did not leave. The message is for the log and holds no secret. */
export class MailError extends Error {
  override readonly name = 'MailError'
  /** Whether the same mail may get through another time. */
  readonly kind: 'transient' | 'permanent'

  constructor(kind: 'transient' | 'permanent', message: string) {
    super(message)
    this.kind = kind
  }
}
