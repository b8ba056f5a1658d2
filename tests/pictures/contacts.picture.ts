import { test } from 'vitest'
import { type Picture, saveRows, saveSideBySide } from './save-picture.ts'
import { press, type Shown, takePeople } from './take-people.ts'

const minutes = 60_000

const menu = press(/^Account menu/)
const choose = (status: RegExp) => press(status, 'menuitemradio')

const contacts: Shown = { query: 'view=contacts' }
const requests: Shown = { query: 'view=busy' }
const statuses: readonly Shown[] = [
  { query: 'view=contacts', steps: [menu], caption: 'available' },
  { query: 'view=contacts', steps: [menu, choose(/^Away/), menu], caption: 'away' },
  { query: 'view=busy', steps: [menu], caption: 'busy' },
  { query: 'view=invisible', steps: [menu], caption: 'invisible' },
  { query: 'view=unproven', steps: [menu], caption: 'no proof' },
  { query: 'view=contacts', steps: [menu, choose(/^Busy/)], caption: 'until when' },
  {
    query: 'view=contacts',
    steps: [menu, choose(/^Busy/), press(/^Until a time/, 'menuitem')],
    caption: 'until a time',
  },
]
const oneContact: readonly Shown[] = [
  { query: 'view=contacts', steps: [press('More for Deniz Demir')], caption: 'what else can be done' },
  {
    query: 'view=contacts',
    steps: [press('More for Deniz Demir'), press('Block…', 'menuitem')],
    caption: 'asked again',
  },
  { query: 'view=contacts', steps: [press('Add a contact')], caption: 'asking somebody' },
  { query: 'view=everything', caption: 'all at once' },
]

const small = (pictures: readonly Picture[]) => pictures.map((picture) => ({ ...picture, width: 200 }))

const bothRows = async (shown: readonly Shown[]) => [
  { name: 'Light', pictures: small(await takePeople('light', shown)) },
  { name: 'Dark', pictures: small(await takePeople('dark', shown)) },
]

test(
  'contacts.png and requests.png',
  async () => {
    const [light, dark] = [
      await takePeople('light', [contacts, requests]),
      await takePeople('dark', [contacts, requests]),
    ]
    for (const [index, name] of ['contacts', 'requests'].entries())
      await saveSideBySide(name, [...light.slice(index, index + 1), ...dark.slice(index, index + 1)])
  },
  5 * minutes,
)

test(
  'status.png and contact-menu.png',
  async () => {
    await saveRows('status', await bothRows(statuses), 1.5)
    await saveRows('contact-menu', await bothRows(oneContact), 1.5)
  },
  5 * minutes,
)

test(
  'narrow-contacts.png',
  async () => {
    const narrow = { width: 320, height: 600, caption: 'at 320 px' }
    const zoomed = { width: 720, height: 600, zoom: 2, caption: 'at 200 %' }
    await saveSideBySide(
      'narrow-contacts',
      [
        ...(await takePeople('light', [
          { ...requests, ...narrow },
          { ...contacts, ...narrow },
        ])),
        ...(await takePeople('dark', [{ ...contacts, ...zoomed, steps: [menu] }])),
      ],
      1,
    )
  },
  5 * minutes,
)
