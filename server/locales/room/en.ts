/** What the page of a room says. It is given to the page as it is: texts, with what varies in braces. */
export const roomInEnglish = {
  title: 'Room',
  noScript: 'This page is for speaking with each other, which a browser does by scripts only. Allow them here, and reload.',
}

export type RoomTexts = typeof roomInEnglish
