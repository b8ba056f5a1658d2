import type { RoomTexts } from '../../server/locales/room/en.ts'

export type { RoomTexts }

/** What the server gave the page to say, in the language of whoever reads it. */
export const readTexts = (): RoomTexts => JSON.parse(document.getElementById('texts')?.textContent ?? '{}')
