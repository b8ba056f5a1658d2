/** Something that keeps the server (or a command) from starting. The message is for the operator. */
export class StartFault extends Error {
  override readonly name = 'StartFault'
}
