import { connect, createServer } from 'node:net'

/**
 * Takes connections at one address and leads them to another, as a process that can run in a network of its own:
 * `node forward-process.ts LISTEN TARGET PORT`. Says so once it listens.
 */
const [listen, target, port] = process.argv.slice(2)

createServer((client) => {
  const upstream = connect(Number(port), target)
  client.pipe(upstream).pipe(client)
  client.on('error', () => upstream.destroy())
  upstream.on('error', () => client.destroy())
}).listen(Number(port), listen, () => console.log('listening'))

// Ends with whoever started it.
process.on('disconnect', () => process.exit(0))
