import { isForExtension } from '../protocol/loopback.ts'
import { type CommandHelp, parseWords, readCommandLine, usageError } from '../server/command-line.ts'
import { buildExtension, type Target } from './build-extension.ts'
import { buildWeb } from './build-web.ts'
import { browserNames, chooseBrowser } from './start/choose-browser.ts'
import { accountLines, deathNotice, guidance } from './start/guidance.ts'
import type { ForWhom } from './start/keep-browser.ts'
import { type OpeningBrowser, openBrowser } from './start/open-browser.ts'
import { personPage } from './start/person-page.ts'
import { type Listening, runServer } from './start/run-server.ts'

const help: CommandHelp = {
  command: 'npm start',
  does: 'Builds the extension, runs the server with everything embedded, and tells what to do next. Where nobody has an account yet, it makes two to try Reachable with, ann and ben, who are contacts of each other.',
  ways: [['[--open [chromium|firefox]]', '']],
  options: [
    [
      '--open [BROWSER]',
      'also opens a browser with the extension in it, one for each of the two people until either has logged in: chromium (Brave or Vivaldi will do) or firefox, or the first of them that is installed; it stays open when the server ends',
    ],
  ],
  examples: [
    'npm start',
    'npm start -- --open firefox',
    'PORT=9000 DATA_DIR=/tmp/reachable npm start -- --open',
  ],
  more: 'Settings are environment variables: PORT, HOST, DATA_DIR and PUBLIC_URL first of all, and docs/OPERATING.md has the rest. REACHABLE_CHROMIUM and REACHABLE_FIREFOX say where a browser is that stands somewhere else.',
}

const chosen = readCommandLine(help, (argv) => {
  // A name may be left out, which no option of `parseWords` knows: it stands behind this one as a word.
  const words = argv.flatMap((word) => {
    const [, name] = /^--open=(.*)$/s.exec(word) ?? []
    return name === undefined ? [word] : ['--open', name]
  })
  const { values, positionals } = parseWords(words, { open: { type: 'boolean' } }, help)
  if (positionals.length > (values.open ? 1 : 0))
    throw usageError(`npm start does not know what to do with "${positionals.at(-1)}".`, help)
  return values.open ? chooseBrowser(positionals[0]) : undefined
})

const server = runServer()
let browsers: readonly OpeningBrowser[] = []
let browserIsOpen = false
/** Undefined while the server is to run; then with which code this process ends. */
let ending: number | undefined

/** A terminal and npm may both pass on the same Ctrl-C; one that comes later than this, in ms, is another. */
const sameWithin = 500

function giveUp(): void {
  for (const browser of browsers) browser.giveUp()
}

function stop(code: number): void {
  ending = code
  giveUp()
  server.process.kill('SIGTERM')
}

let stoppedAt = Number.POSITIVE_INFINITY
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (ending !== undefined) {
      if (performance.now() - stoppedAt > sameWithin) server.process.kill('SIGKILL')
      return
    }
    stoppedAt = performance.now()
    stop(0)
    const stays = browserIsOpen ? ' The browser stays open: see its light go off, and close it yourself.' : ''
    console.log(`\nStopping the server.${stays}`)
  })

server.ended.then(
  (ended) => {
    giveUp()
    if (untold) console.log(`\nTwo people were made:\n  ${accountLines(untold).join('\n  ')}`)
    if (ending === undefined && !ended.refused) console.error(deathNotice(ended, browserIsOpen))
    process.exit(ending ?? (ended.code || 1))
  },
  (error: Error) => {
    console.error(`The server could not be started: ${error.message}`)
    process.exit(1)
  },
)

/** Whose passwords nobody has been told yet. */
let untold: Listening | undefined

async function tellWhatToDo(listening: Listening): Promise<void> {
  const known = isForExtension(listening.url)
  const windows = windowsOf(listening)
  // Before the page that says whose window it is nothing else is to open.
  const hasWelcome = !chosen || windows.includes(undefined)
  const build = async (target: Target) => {
    const { folder, fresh } = await buildExtension(target, known ? listening.url : undefined, hasWelcome)
    if (fresh)
      console.log(`Built the extension for ${browserNames[target === 'chrome' ? 'chromium' : 'firefox']}.`)
    return folder
  }
  const opens = chosen?.browser
  const folders = {
    ...(opens !== 'firefox' && { chrome: await build('chrome') }),
    ...(opens !== 'chromium' && { firefox: await build('firefox') }),
  }
  if (await buildWeb()) console.log('Built the pages of calls’ rooms.')
  if (ending !== undefined) return
  const started = { ...listening, folders, known, browser: opens, dataDir: process.env.DATA_DIR }
  untold = undefined
  console.log(guidance(started))
  const folder = folders.chrome ?? folders.firefox
  if (!chosen || folder === undefined) return
  browsers = windows.map((forWhom) => openBrowser(chosen, folder, forWhom))
  const opened = await Promise.all(browsers.map((browser) => browser.opened))
  browserIsOpen = opened.some(({ kind }) => kind === 'opened')
  if (ending !== undefined) return
  const name = browserNames[chosen.browser]
  const failed = opened.find((one) => one.kind === 'failed')
  if (failed) console.error(`${name} could not be opened: ${failed.why}. The server runs on.`)
  else if (windows.length > 1)
    console.log(`${name} is open for each of them, and stays open when Ctrl-C ends the server.`)
  else console.log(`${name} is open, and stays open when Ctrl-C ends the server.`)
}

/** A window for each of the people whose passwords were just given; for others, whose passwords nobody knows here, one. */
function windowsOf({ demoAccounts }: Listening): readonly (ForWhom | undefined)[] {
  const [one, other] = demoAccounts
  if (!one || !other) return [undefined]
  return [
    { place: 0, page: personPage({ ...one, other: other.name }) },
    { place: 1, page: personPage({ ...other, other: one.name }) },
  ]
}

try {
  const listening = await server.listening
  if (listening && listening.demoAccounts.length > 0) untold = listening
  if (listening && ending === undefined) await tellWhatToDo(listening)
} catch (error) {
  // Ctrl-C ends what builds the extension, too.
  if (ending === undefined) {
    console.error(error instanceof Error ? error.message : error)
    stop(1)
  }
}
