import { test } from 'vitest'
import { type Picture, saveRows, saveSideBySide } from './save-picture.ts'
import { press, type Shown, takePeople } from './take-people.ts'

const inBothSchemes = async (shown: Shown) => [
  ...(await takePeople('light', [shown])),
  ...(await takePeople('dark', [shown])),
]

const thread: Shown = { query: 'view=contacts&draft=On my way', steps: [press('Message Ben Sample')] }
const calls: Shown = { query: 'view=contacts', steps: [press('Calls', 'tab')] }
const answers: Shown = {
  query: 'view=call',
  steps: [
    // For half a second after it opened its buttons are held, and faint.
    (page) => page.locator('.call-actions [aria-disabled=false]').first().waitFor(),
    press('Decline with an answer'),
    (page) => page.mouse.move(0, 0),
  ],
}
const placed: readonly Shown[] = [
  { query: 'view=placed-ringing', caption: 'it rings' },
  { query: 'view=placed-waiting', caption: 'nobody hears it' },
  { query: 'view=placed-busy', caption: 'busy' },
  { query: 'view=placed-declined', caption: 'declined, with an answer' },
  { query: 'view=placed-unknown', caption: 'not known' },
]

test('thread.png and calls.png', async () => {
  await saveSideBySide('thread', await inBothSchemes(thread))
  await saveSideBySide('calls', await inBothSchemes(calls))
})

test('placed-call.png and ready-answers.png', async () => {
  const small = (pictures: readonly Picture[]) => pictures.map((picture) => ({ ...picture, width: 230 }))
  await saveRows('placed-call', [
    { name: 'Light', pictures: small(await takePeople('light', placed, 1.5)) },
    { name: 'Dark', pictures: small(await takePeople('dark', placed, 1.5)) },
  ])
  await saveSideBySide('ready-answers', await inBothSchemes(answers))
})

test('narrow.png', async () => {
  const narrow = { width: 320, height: 600, caption: 'at 320 px' }
  const twice = { width: 720, height: 600, zoom: 2, caption: 'at 200 %' }
  const pictures = [
    ...(await takePeople('light', [
      { ...thread, ...narrow },
      { ...calls, ...narrow },
    ])),
    ...(await takePeople('dark', [{ ...thread, ...twice }])),
  ]
  await saveSideBySide('narrow', pictures, 1.5)
})
