import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { ParseArgsOptionsConfig } from 'node:util'
import { CommandError, type CommandHelp, parseWords, usageError } from '../command-line.ts'

/** How a command is told a password: never by its options, which every program on this machine can read. */
const passwordOptions = {
  password: { type: 'boolean' },
  'password-stdin': { type: 'boolean' },
} as const

/**
 * Reads the parameters of a command that may be told a password. One among them, as older versions took it, is refused
 * without being said again.
 *
 * @param names how many parameters it takes that are no options.
 * @throws CommandError, with what to do instead.
 */
export function parseWithPassword<const Options extends ParseArgsOptionsConfig>(
  argv: readonly string[],
  options: Options,
  names: number,
  help: CommandHelp,
) {
  const refusal = usageError(
    'A password is not given on the command line, where every program on this machine can read it. Leave it out: ' +
      '--password alone asks for it, and --password-stdin reads it from the standard input.',
    help,
  )
  if (argv.some((text) => /^--password(-stdin)?=/.test(text))) throw refusal
  const all = { ...options, ...passwordOptions }
  const parsed = parseWords(argv, all, help)
  const asks = argv.includes('--password') || argv.includes('--password-stdin')
  if (asks && parsed.positionals.length > names) throw refusal
  return parsed
}

interface AskedFor {
  readonly password?: boolean | undefined
  readonly 'password-stdin'?: boolean | undefined
}

/** @returns what was typed; undefined when a password is to be made. @throws CommandError when none came. */
export async function readPassword(asked: AskedFor, help: CommandHelp): Promise<string | undefined> {
  if (asked.password && asked['password-stdin'])
    throw usageError('--password asks for a password and --password-stdin reads one: use one of them.', help)
  if (asked['password-stdin']) return readFirstLine()
  return asked.password ? askTwice() : undefined
}

/** Nothing that is longer than this, in characters, is a password. */
const longestLine = 4_096

/** The one line of the standard input, without its end. What comes later is not waited for. */
async function readFirstLine(): Promise<string> {
  let text = ''
  process.stdin.setEncoding('utf8')
  for await (const piece of process.stdin) {
    text += piece
    if (text.includes('\n') || text.length > longestLine) break
  }
  // Some shells begin with a byte order mark.
  const [line = '', ...more] = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (line === '') throw new CommandError('No password came on the standard input. Nothing was done.')
  if (more.join('') !== '')
    throw new CommandError('A password is one line, and more came on the standard input. Nothing was done.')
  return line
}

/** Asks on the terminal, which is shown nothing of what is typed. */
async function askTwice(): Promise<string> {
  if (!process.stdin.isTTY)
    throw new CommandError(
      '--password asks at a terminal, and there is none here. Use --password-stdin instead. Nothing was done.',
    )
  // As a terminal, so that it is us who would show what is typed, and not the terminal itself.
  const terminal = createInterface({
    input: process.stdin,
    output: nowhere(),
    terminal: true,
    historySize: 0,
  })
  terminal.on('SIGINT', () => terminal.close())
  const lines = terminal[Symbol.asyncIterator]()
  const ask = async (question: string): Promise<string> => {
    process.stderr.write(question)
    const line = await lines.next()
    process.stderr.write('\n')
    if (line.done || line.value === '') throw new CommandError('No password was entered. Nothing was done.')
    return line.value
  }
  try {
    const password = await ask('Password: ')
    if ((await ask('Once more: ')) === password) return password
    throw new CommandError('The two were not the same. Nothing was done.')
  } finally {
    terminal.close()
  }
}

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() })
