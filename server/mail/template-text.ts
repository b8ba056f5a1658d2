import type { MailTemplate, Part } from './template.ts'

/** A mail for whoever reads mails as plain text. */
export const templateText = ({ greeting, parts, footer }: MailTemplate): string =>
  [oneLine(greeting), ...parts.map(partText), `-- \n${footer}`].join('\n\n').concat('\n')

function partText(part: Part): string {
  switch (part.kind) {
    case 'text':
    case 'note':
      return part.text
    case 'fact':
      return `${part.label}: ${oneLine(part.value)}`
    case 'list':
      return part.items.map((item) => `* ${oneLine(item)}`).join('\n')
    case 'button':
      return `${part.label}:\n${part.url}`
  }
}

/** What came from elsewhere cannot pass itself off as another paragraph. */
const oneLine = (value: string) => value.replaceAll(/\s+/g, ' ').trim()
