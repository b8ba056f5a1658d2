import { styleText } from 'node:util'
import type { Browser } from '../browsers/find-browser.ts'
import type { Ended, Listening } from './run-server.ts'

/** What there is to say to someone who has only just cloned the repository. */

export interface Started extends Listening {
  /** Where the built extensions are; the one for a browser that is opened, or both. */
  readonly folders: { readonly chrome?: string; readonly firefox?: string }
  /** What is opened. */
  readonly browser?: Browser | undefined
  /** Whether the extension knows the address by itself. */
  readonly known: boolean
  /** DATA_DIR as it was set, which the commands need as well. */
  readonly dataDir?: string | undefined
}

/** Before a command that must find the same data directory, as a shell takes it. */
const settingOf = (dataDir: string | undefined) =>
  dataDir ? `DATA_DIR='${dataDir.replaceAll("'", "'\\''")}' ` : ''

const bold = (text: string) => styleText('bold', text)
const quiet = (text: string) => styleText('dim', text)

/** What can be typed, copied or clicked. */
const exact = (text: string) => styleText('cyan', text)

const step = (number: number, title: string, ...lines: readonly string[]) =>
  [`${bold(` ${number}  ${title}`)}`, ...lines.map((line) => (line === '' ? '' : `    ${line}`))].join('\n')

/** What to do next. */
export function guidance(started: Started): string {
  const { url, browser, demoAccounts, mailFolder, dataDir } = started
  const command = (words: string) => exact(`${settingOf(dataDir)}npm run ${words}`)
  const accounts =
    demoAccounts.length > 0
      ? accountLines(started)
      : [
          `Everybody who has an account: ${command('account -- list')}`,
          'Passwords stay as they were, also those that ann and ben were given when they were made.',
          `A new one: ${command('account -- password USERNAME')}`,
        ]
  const mails =
    mailFolder === null
      ? []
      : [
          `Mails, such as one that resets a password, are written to ${exact(mailFolder)}`,
          quiet('A mail program opens them; the link of each stands in the log below, too.'),
        ]
  const parts = [
    `${bold(`Reachable is running at ${exact(url)}`)}   ${quiet('Ctrl-C ends it.')}`,
    browser ? openedStep(browser, started) : loadStep(started),
    step(
      2,
      hasTwoWindows(started)
        ? 'Log in to each: click its light in the toolbar.'
        : 'Log in: click the light in the toolbar.',
      ...addressLines(started),
      ...accounts,
    ),
    callStep(started, command(`call -- ${demoAccounts[0]?.username ?? 'USERNAME'}`)),
    [
      ...mails,
      `Something is not right? ${command('doctor')}`,
      `More people? ${command('account -- --help')}`,
    ].join('\n'),
  ]
  return `\n${parts.join('\n\n')}\n`
}

const hasTwoWindows = ({ browser, demoAccounts }: Started) => browser !== undefined && demoAccounts.length > 1

/** People call one another; whoever has one browser alone is called by a command. */
function callStep(started: Started, command: string): string {
  const [one, other] = started.demoAccounts
  if (one && other && hasTwoWindows(started))
    return step(
      3,
      `Call: once both lights are green, click ${one.username}’s, then the telephone beside ${other.name}.`,
      `${other.username}’s window rings: answer there.`,
      quiet('A program calls too:'),
      command,
    )
  const first = step(3, 'Be called: once the light is green, type in a second terminal', command)
  if (!one || !other) return first
  return [
    first,
    `    ${one.username} and ${other.username} are contacts: logged in from two browsers, they call each other.`,
  ].join('\n')
}

/** Two people who were just made, with passwords that nobody is told again. */
export function accountLines({ demoAccounts, passwordsEnd }: Listening): string[] {
  const width = Math.max(...demoAccounts.map(({ username }) => username.length))
  const days = Math.round((passwordsEnd - Date.now()) / 86_400_000)
  return [
    ...demoAccounts.map(
      ({ username, password, name }) =>
        `${exact(username.padEnd(width))}   password ${exact(password)}   ${quiet(name)}`,
    ),
    quiet(
      `They end in ${days} days if nobody logs in with them; until somebody does, each start gives new ones.`,
    ),
  ]
}

const pin = 'No light? Click the puzzle piece in the toolbar and pin Reachable.'

/** Firefox takes an extension that no store has signed for as long as it runs. */
const untilClosed = 'Firefox keeps it until it is closed'

const openedStep = (browser: Browser, started: Started): string => {
  const opens = hasTwoWindows(started)
    ? `opens twice with the extension in its toolbar, once for each of two people.`
    : 'opens with the extension in its toolbar.'
  return browser === 'firefox'
    ? step(
        1,
        `Firefox ${opens}`,
        quiet(`${untilClosed}, and forgets this profile then.`),
        quiet('Its address bar is striped since the extension was put in from outside.'),
      )
    : step(1, `Chromium ${opens}`, quiet('It forgets this profile when it is closed.'))
}

function loadStep({ folders }: Started): string {
  return step(
    1,
    'Load the extension into your browser, once.',
    `Chrome, Edge, Brave, Chromium: open ${exact('chrome://extensions')}, switch on "Developer mode",`,
    'choose "Load unpacked", and pick the folder',
    `  ${exact(folders.chrome ?? '')}`,
    `Firefox: open ${exact('about:debugging#/runtime/this-firefox')}, choose "Load Temporary Add-on…", and pick`,
    `  ${exact(`${folders.firefox ?? ''}/manifest.json`)}`,
    quiet(`${untilClosed}; after that, load it again.`),
    quiet(pin),
    `Or end this by Ctrl-C, and have browsers opened with the extension in them: ${exact('npm start -- --open')}`,
  )
}

const addressLines = ({ known, url }: Started): string[] =>
  known
    ? []
    : [
        `Browsers take an http address on their own machine alone, and ${url} is none to the extension:`,
        'set HOST to 127.0.0.1, or PUBLIC_URL to the https address of a proxy before this server.',
      ]

/** Says that the server ended by itself, and what to do. */
export function deathNotice({ code, signal, lastLines }: Ended, browserIsOpen: boolean): string {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`
  const killed = signal === 'SIGKILL' ? ' Something killed it: the system does so when memory runs out.' : ''
  return [
    '',
    `${bold(styleText('red', 'The Reachable server has ended by itself'))} (${how}).${killed}`,
    ...(lastLines.length > 0 ? ['', 'The last that it said:', ...lastLines.map((line) => `  ${line}`)] : []),
    '',
    `Nobody can be called now, and every light goes off. Start it again: ${exact('npm start')}`,
    `If it ends again, ${exact('npm run doctor')} looks at what may be wrong.`,
    ...(browserIsOpen ? ['The browser that was opened stays; its light comes back with the server.'] : []),
    '',
  ].join('\n')
}
