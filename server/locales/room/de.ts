import type { RoomTexts } from './en.ts'

export const roomInGerman: RoomTexts = {
  title: 'Raum',
  noScript:
    'Auf dieser Seite spricht man miteinander; das können Browser nur mit Skripten. Erlauben Sie sie hier und laden Sie neu.',
}
