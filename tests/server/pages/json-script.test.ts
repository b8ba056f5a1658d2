import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonScript } from '../../../server/pages/json-script.ts'

/** What a browser has of such an element, which it ends, or reads otherwise, by a `<` alone. */
function partsOf(page: string): { readonly tag: string; readonly text: string; readonly end: string } {
  const [, tag = '', text = '', end = ''] = /^(<script [^>]*>)([^<]*)(.*)$/su.exec(page) ?? []
  return { tag, text, end }
}

const hostile = [
  ...['</script>', '</script><script>alert(1)</script>', '</SCRIPT >', '</script\n>', '<!--', '<!--<script>'],
  ...['-->', ']]>', '<![CDATA[', '<', '<<', '\\u003c/script>', '\\', '"', '\'"><img src=x onerror=alert(1)>'],
  ...['\u2028', '\u2029', '\u0000', '\ud800', '&lt;/script&gt;', '&quot;', '`'],
]

test('W1.10 no text that a page gives its script ends the element, begins another, or is read as anything but what it was', () => {
  for (const text of hostile) {
    const data = { name: text, [text]: [text, 1, null, true] }
    const { tag, text: json, end } = partsOf(String(jsonScript('place', data)))
    expect([tag, end], text).toEqual(['<script type="application/json" id="place">', '</script>'])
    expect(JSON.parse(json), text).toEqual(data)
  }
})

test('W1.10 so it is of whatever text', () => {
  const pieces = fc.constantFrom(
    '<',
    '/',
    'script',
    '>',
    '!--',
    '-->',
    '\\',
    'u003c',
    '"',
    '\u2028',
    ' ',
    'x',
  )
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces).map((all) => all.join('')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const { text: json, end } = partsOf(String(jsonScript('texts', [text])))
      expect(end).toBe('</script>')
      expect(JSON.parse(json)).toEqual([text])
    }),
  )
})
