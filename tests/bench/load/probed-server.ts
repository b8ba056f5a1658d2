import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { inRoot } from '../../../scripts/root.ts'
import { type Server, startServer } from '../../support/server/start-server.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

export interface Usage {
  /** Bytes. */
  readonly rss: number
  readonly heapUsed: number
  /** Milliseconds of processor time since the process began. */
  readonly cpu: number
}

export interface ProbedServer extends Server {
  /** What the server uses now; with `collect` after a full garbage collection. */
  readonly usage: (word: 'look' | 'collect') => Promise<Usage>
}

export const production = { NODE_ENV: 'production', VITEST: '', LOG_LEVEL: 'info' }

/** A real server whose memory and processor time can be asked for; it ends with the test. */
export async function startProbedServer(
  environment: Readonly<Record<string, string>> = {},
): Promise<ProbedServer> {
  const socket = join(temporaryFolder(), 'probe')
  const probe = pathToFileURL(inRoot('tests', 'bench', 'load', 'server-probe.ts'))
  const server = await startServer({
    ...production,
    ...environment,
    NODE_OPTIONS: `--expose-gc --import ${probe}`,
    REACHABLE_PROBE: socket,
  })
  const usage = async (word: 'look' | 'collect') => {
    const asked = connect(socket)
    asked.write(word)
    return JSON.parse(await text(asked)) as Usage
  }
  return { ...server, usage }
}
