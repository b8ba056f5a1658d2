import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters, styleText } from 'node:util'
import { type CommandHelp, parseWords, readCommandLine, takeNoWords } from '../server/command-line.ts'
import { type WebPage, webBuild, webPages } from './build-web.ts'
import { endGroup, endWithUs } from './dev/reaper.ts'
import { inRoot, root } from './root.ts'

const help: CommandHelp = {
  command: 'npm run dev',
  does: 'Builds the extension and runs the server for whoever works on them: the extension reloads, the server restarts and its pages are built anew when their sources change. Ctrl-C ends all of it.',
  ways: [['[--firefox]', '']],
  options: [['--firefox', 'builds the extension for Firefox instead of Chromium']],
  examples: ['npm run dev', 'PORT=9000 npm run dev -- --firefox'],
}

const firefox = readCommandLine(help, (argv) => {
  const { values, positionals } = parseWords(argv, { firefox: { type: 'boolean' } }, help)
  takeNoWords(positionals, help)
  return values.firefox === true
})
const folder = `output/${firefox ? 'firefox' : 'chrome'}-mv3-dev`

/** A frame of a spinner, which turns even where nobody can see it turn. */
const isSpinner = (line: string) => /^\s*([\u2800-\u28ff]|$)/.test(stripVTControlCharacters(line))

/** Starts one of the two and prints what it says behind its name. */
function start(
  name: string,
  colour: 'cyan' | 'green' | 'magenta',
  command: string,
  parameters: readonly string[],
  more: NodeJS.ProcessEnv = {},
): ChildProcess {
  const child = spawn(command, parameters, {
    cwd: root,
    env: { ...process.env, DEMO_ACCOUNTS: '1', LOG_FORMAT: 'words', FORCE_COLOR: '1', ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  })
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      if (!isSpinner(line)) console.log(`${styleText(colour, name.padEnd(9))} ${line}`)
    })
  child.on('exit', () => stop())
  return child
}

const children: ChildProcess[] = []
let stopping = false

function stop(): void {
  if (stopping) return
  stopping = true
  for (const { pid } of children) if (pid !== undefined) endGroup(pid)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
process.once('disconnect', stop)
process.channel?.unref()

console.log(
  `The extension is built into ${folder} and reloads when its sources change; load that folder once.`,
)
console.log(
  'The server restarts when its sources change, and its pages are built anew. Ctrl-C ends all of it.',
)
children.push(
  start('extension', 'cyan', inRoot('node_modules', '.bin', 'wxt'), firefox ? ['--browser', 'firefox'] : []),
  // It follows Node's watcher, which has a channel to it.
  start('server', 'green', process.execPath, [
    ...['--watch', '--watch-preserve-output'],
    ...['server/main.ts', '--follow-parent'],
  ]),
  ...(Object.keys(webPages) as WebPage[]).map((page) => {
    const { parameters, env } = webBuild(page)
    return start(page, 'magenta', inRoot('node_modules', '.bin', 'vite'), [...parameters, '--watch'], env)
  }),
)
endWithUs(children)
