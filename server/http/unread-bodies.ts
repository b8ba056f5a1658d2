import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Whoever still sends when the answer is out has so many ms to read it, or to come to an end. */
const goesOnFor = 1_000

/**
 * Reads no body that nobody asked for: neither one that comes with a question (GET, HEAD), of which the connection is
 * closed with the answer, nor the rest of one that was answered before its end. Node would read and parse either to
 * the last byte, to use the connection again.
 */
export function leaveBodiesUnread(server: Server): void {
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    if (isQuestion(request) && announcesBody(request)) leaveUnread(request, response)
    else response.once('finish', () => endUnlessComplete(request))
  })
}

const isQuestion = ({ method }: IncomingMessage) => method === 'GET' || method === 'HEAD'

const announcesBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

function leaveUnread(request: IncomingMessage, response: ServerResponse): void {
  response.shouldKeepAlive = false
  // Begun to be read, and never read on: Node then takes what fits its buffer and no more, also once it was answered.
  request.read(0)
  closeGently(request.socket)
}

/**
 * The connection is closed once the answer was read, or could have been: to close it while something comes in is to
 * reset it, which takes away from the other side what it has not yet read.
 */
function closeGently(socket: Socket): void {
  socket.destroySoon = () => {
    socket.end()
    setTimeout(() => socket.destroy(), goesOnFor).unref()
  }
}

function endUnlessComplete(request: IncomingMessage): void {
  if (request.complete) return
  setTimeout(() => {
    if (!request.complete) request.socket.destroy()
  }, goesOnFor).unref()
}
