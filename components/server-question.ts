/** Asked where nobody has named a server yet. */
export const serverQuestion = {
  heading: 'Which server is yours?',
  more: 'Your clinic or service gives you its address. You are asked for it once.',
}
