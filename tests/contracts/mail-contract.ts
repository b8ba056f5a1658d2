import type { ParsedMail } from 'mailparser'
import { expect, test } from 'vitest'
import { MailError, type MailTransport, type Message } from '../../server/mail/mail-transport.ts'

/** A way out for mails, and what came out at its other end. */
export interface MailHarness {
  readonly mail: MailTransport
  readonly arrived: () => Promise<readonly ParsedMail[]>
  /** Makes sending impossible. */
  readonly breakDelivery: () => Promise<void>
}

export const sender = 'Reachable <calls@clinic.example>'

export const aMessage = (over: Partial<Message> = {}): Message => ({
  id: 'b5a4e1d2-0000-4000-8000-000000000001',
  to: 'ann@clinic.example',
  language: 'en',
  subject: 'Your new password',
  text: 'Hello Ann,\n\nthis is it.\n',
  html: '<p>Hello Ann,</p>',
  madeAt: Date.UTC(2026, 0, 2, 3, 4, 5),
  ...over,
})

const addresses = ({ to, cc, bcc }: ParsedMail) =>
  [to, cc, bcc].flatMap((list) => list ?? []).flatMap((list) => list.value.map(({ address }) => address))

/** What every way out must do. `open` gives a fresh one. */
export function mailContract(open: () => Promise<MailHarness>): void {
  test('M1.1 a mail arrives as it was written, to be read as text or as HTML', async () => {
    const { mail, arrived } = await open()
    const text = `Grüße, 你好 😀\n.\n..\nFrom here\n${'long '.repeat(400)}\n`
    await mail.send(aMessage({ subject: 'Grüße – 😀', text, html: '<p>Grüße &amp; 😀</p>' }))
    const [mailed, ...more] = await arrived()
    expect(more).toEqual([])
    expect(mailed?.subject).toBe('Grüße – 😀')
    expect(mailed?.text?.replaceAll('\r\n', '\n').trimEnd()).toBe(text.trimEnd())
    expect(mailed?.html).toContain('<p>Grüße &amp; 😀</p>')
    expect(mailed?.from?.text).toBe('"Reachable" <calls@clinic.example>')
    expect(mailed && addresses(mailed)).toEqual(['ann@clinic.example'])
    expect(mailed?.date?.toISOString()).toBe('2026-01-02T03:04:05.000Z')
    expect(mailed?.headers.get('auto-submitted')).toBe('auto-generated')
    expect(mailed?.headers.get('content-language')).toBe('en')
  })

  test('M1.2 a mail sent twice can be told by its Message-ID', async () => {
    const { mail, arrived } = await open()
    await mail.send(aMessage())
    await mail.send(aMessage())
    const ids = (await arrived()).map(({ messageId }) => messageId)
    expect(new Set(ids)).toEqual(new Set(['<b5a4e1d2-0000-4000-8000-000000000001@clinic.example>']))
  })

  test('M1.3 nothing that is written into a mail adds a header or a recipient', async () => {
    const { mail, arrived } = await open()
    await mail.send(aMessage({ subject: 'Hello\r\nBcc: eve@elsewhere.example\r\n\r\nBody' }))
    await mail.send(aMessage({ id: 'b', to: 'ann@clinic.example, eve@elsewhere.example' })).catch(() => {})
    for (const mailed of await arrived()) {
      expect(addresses(mailed)).not.toContain('eve@elsewhere.example')
      expect(mailed.headers.has('bcc')).toBe(false)
    }
  })

  test('M1.4 a mail that cannot leave for now is a transient fault', async () => {
    const { mail, breakDelivery } = await open()
    await breakDelivery()
    const error = await mail.send(aMessage()).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(MailError)
    expect(error).toMatchObject({ kind: 'transient' })
  })
}
