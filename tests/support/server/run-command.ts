import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inRoot } from '../../../scripts/root.ts'
import type { Server } from './start-server.ts'

/**
 * Runs a command of the server as its operator would, such as `account list`.
 *
 * @returns what it printed.
 * @throws when it ends with anything but 0.
 */
export async function runCommand(
  server: Pick<Server, 'dataDir' | 'url'>,
  command: 'account' | 'api-key' | 'audit' | 'call',
  ...parameters: readonly string[]
): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [inRoot('server', 'cli', `${command}.ts`), ...parameters],
    {
      env: {
        ...process.env,
        ...{ DATA_DIR: server.dataDir, PORT: new URL(server.url).port },
        // Tests run hundreds of them; a third of each is the reading of the same sources.
        NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
      },
    },
  )
  return stdout.trim()
}
