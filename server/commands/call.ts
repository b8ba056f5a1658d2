import { parseArgs } from 'node:util'
import * as v from 'valibot'
import { type Call, call, refusal } from '../../protocol/http.ts'
import { readConfig } from '../config.ts'
import { openDataDirectory } from '../data-directory.ts'
import { type Operator, readOperatorFile } from '../operator-file.ts'
import { sentenceOf } from './call-sentence.ts'
import { CommandFault, misuse, runCommand } from './run-command.ts'
import { askServer } from './running-server.ts'

const usage = `Usage:
  npm run call -- USERNAME [--from NAME] [--wait SECONDS] [--cancel-after SECONDS]
Places a call through the running server and shows what becomes of it. With --wait (0 to 120) it goes on trying
for so long while no device can be reached. Ctrl-C cancels it.`

await runCommand(async (argv) => {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { from: { type: 'string' }, wait: { type: 'string' }, 'cancel-after': { type: 'string' } },
    allowPositionals: true,
  })
  const [to] = positionals
  if (to === undefined || positionals.length !== 1) throw misuse('Whom should be called?', usage)
  const after = values['cancel-after'] === undefined ? undefined : Number(values['cancel-after'])
  if (after !== undefined && !(after >= 0 && after <= 3_600))
    throw misuse('--cancel-after takes seconds, from 0 to 3600.', usage)
  const waitFor = values.wait === undefined ? 0 : Number(values.wait)
  if (!Number.isInteger(waitFor) || waitFor < 0 || waitFor > 120)
    throw misuse('--wait takes whole seconds, from 0 to 120.', usage)
  const operator = readOperatorFile(openDataDirectory(readConfig(process.env).dataDir).operator)
  if (!operator) throw notRunning()

  const hangUp = new AbortController()
  const onInterrupt = () => hangUp.abort()
  process.on('SIGINT', onInterrupt)
  const timer = after === undefined ? undefined : setTimeout(onInterrupt, after * 1_000)
  const placed = await place(operator, { to, waitFor, ...(values.from && { from: values.from }) })
  const cancel = () => void askServer(operator, `/api/calls/${placed.id}/cancel`, {})
  if (hangUp.signal.aborted) cancel()
  else hangUp.signal.addEventListener('abort', cancel)
  const end = await follow(operator, placed)
  clearTimeout(timer)
  process.removeListener('SIGINT', onInterrupt)
  if (end.state !== 'answered') process.exitCode = 3
})

function notRunning(): CommandFault {
  return new CommandFault(
    'No Reachable server is running with this data directory. Start one with: npm start',
  )
}

async function place(operator: Operator, ask: { to: string; from?: string; waitFor: number }): Promise<Call> {
  const response = await askServer(operator, '/api/calls', ask)
  if (!response || response.status === 401) throw notRunning()
  const body: unknown = await response.json()
  if (response.ok) return v.parse(call, body)
  throw new CommandFault(v.parse(refusal, body).message)
}

/** Shows each state as it comes. @returns the last one. */
async function follow({ url, key }: Operator, placed: Call): Promise<Call> {
  let last = placed
  const before: Call[] = []
  try {
    const headers = { authorization: `Bearer ${key}` }
    const { body } = await fetch(`${url}/api/calls/${placed.id}/events`, { headers })
    for await (const data of eventsOf(body)) {
      last = v.parse(call, JSON.parse(data))
      process.stdout.write(`${sentenceOf(last, before, Date.now())}\n`)
      before.push(last)
    }
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
  }
  if (last.endedAt !== null) return last
  throw new CommandFault('The server went away. A call that was ringing is kept as missed.')
}

async function* eventsOf(body: ReadableStream<BufferSource> | null): AsyncGenerator<string> {
  if (!body) return
  let rest = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + chunk).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) if (event.startsWith('data: ')) yield event.slice('data: '.length)
  }
}
