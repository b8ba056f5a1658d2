import { connect } from 'node:net'
import { accountName, password } from './xmpp-account.ts'

export interface PingingConnection {
  /** Asks the server for a sign of life. */
  readonly ping: () => void
}

const stream =
  "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' " +
  "xmlns:stream='http://etherx.jabber.org/streams'>"

/** What is said to sign in, each after the words of the server that end what came before (RFC 6120, and 6121 for presence). */
const signIn = (place: number) => [
  { after: '</stream:features>', say: () => auth(place) },
  { after: '<success', say: () => stream },
  {
    after: '</stream:features>',
    say: () => "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
  },
  { after: '</iq>', say: () => '<presence/>' },
]

const auth = (place: number) => {
  const credentials = Buffer.from(`\0${accountName(place)}\0${password}`).toString('base64')
  return `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${credentials}</auth>`
}

/**
 * A plain connection of somebody who is online at an XMPP server, and pings it (XEP-0199). Resolves once they are.
 *
 * @param onPong told of each answer to a ping.
 */
export function openXmppConnection(
  port: number,
  place: number,
  onPong: () => void,
): Promise<PingingConnection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const steps = signIn(place)
  let n = 0
  let heard = ''
  socket.write(stream)
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`The connection was closed: ${heard}`)))
    socket.on('data', (data) => {
      const [step] = steps
      if (!step) {
        if (data.includes("id='ping") || data.includes('id="ping')) onPong()
        return
      }
      heard += String(data)
      if (!heard.includes(step.after)) return
      heard = ''
      steps.shift()
      socket.write(step.say())
      if (steps.length > 0) return
      const ping = () => {
        n += 1
        socket.write(`<iq type='get' id='ping${n}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>`)
      }
      resolve({ ping })
    })
  })
}
