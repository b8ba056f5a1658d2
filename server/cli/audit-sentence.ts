import type { readAudit } from '../accounts/audit.ts'

type Row = Awaited<ReturnType<typeof readAudit>>[number]

/** What browsers say of themselves is printed on a terminal: nothing in it may be an order to that terminal. */
export const oneLine = (text: string): string => text.replaceAll(/\p{C}/gu, '�')

/** An entry on one line: time (UTC), what, who, from where, and what else there is to say. */
export function auditSentence(row: Row): string {
  const time = new Date(row.at).toISOString().slice(0, 19).replace('T', ' ')
  const name = row.username ?? row.email
  const who = name ?? (row.who === null ? unknown(row.login) : `(gone: ${row.who})`)
  const detail = Object.entries(JSON.parse(row.detail) as Record<string, unknown>).map(
    ([key, value]) => `${key}=${String(value)}`,
  )
  const from = row.address === null ? [] : [`from ${row.address}`]
  const device = row.device === null ? [] : [`device ${row.device}`]
  const label = row.label === null || row.label === '' ? [] : [`"${row.label}"`]
  return oneLine([time, row.what.padEnd(20), who, ...detail, ...from, ...device, ...label].join('  '))
}

const unknown = (login: string | null) => (login === null ? '–' : `(nobody: ${login})`)
