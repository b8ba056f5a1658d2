import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished, test } from 'vitest'
import { inRoot } from '../../scripts/root.ts'
import { readOperatorFile } from '../../server/operator-file.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { figuresOf } from './figure.ts'
import { production } from './load/probed-server.ts'
import { addSignedInPeople } from './load/signed-in-people.ts'

const runs = 7
const people = 1_000

async function ready(dataDir: string, child: ChildProcess): Promise<boolean> {
  const operator = readOperatorFile(join(dataDir, 'operator.json'))
  if (operator?.pid !== child.pid) return false
  return (await fetch(`${operator?.url}/ready`)).ok
}

/** Milliseconds from the spawning of the process to `GET /ready` answered 200. */
async function timeToReady(dataDir: string): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, [inRoot('server', 'main.ts')], {
    env: { ...process.env, ...production, PORT: '0', DATA_DIR: dataDir },
    stdio: 'ignore',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  while (!(await ready(dataDir, child))) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const took = performance.now() - began
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  return took
}

test('how soon a server is ready', async (context) => {
  const figures = figuresOf(context)
  const first: number[] = []
  for (let run = 0; run < runs; run += 1) first.push(await timeToReady(temporaryFolder()))
  figures.addSpread('server start to ready, new data directory', first, 1_000)

  const dataDir = temporaryFolder()
  await addSignedInPeople(dataDir, people)
  const again: number[] = []
  for (let run = 0; run < runs; run += 1) again.push(await timeToReady(dataDir))
  figures.addSpread(`the same, with ${people} people, after a kill`, again, 1_000)
})
