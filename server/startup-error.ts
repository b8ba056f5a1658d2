/** Something that keeps the server (or a command) from starting. The message is for the operator. */
export class StartupError extends Error {
  override readonly name = 'StartupError'
}
