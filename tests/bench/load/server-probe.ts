import { createServer } from 'node:net'
import { setImmediate } from 'node:timers/promises'

/**
 * Loaded into a server that is being measured (`node --import`): whoever connects to the socket file that
 * the environment names, and says `look` or `collect`, is told what the process uses at that moment; with
 * `collect` after a full garbage collection.
 */
const path = process.env.REACHABLE_PROBE

async function answer(word: string) {
  // Twice: what the first collection frees may let go of more.
  for (let round = 0; word === 'collect' && round < 2; round += 1) {
    globalThis.gc?.()
    await setImmediate()
  }
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return { rss, heapUsed, cpu: (user + system) / 1_000 }
}

if (path)
  createServer((asker) =>
    asker.once('data', async (word) => asker.end(JSON.stringify(await answer(String(word))))),
  )
    .listen(path)
    .unref()
