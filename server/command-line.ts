import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** A command that was typed wrongly, or cannot be done. The message is for whoever typed it. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  /** 2 for a wrong use, 1 for what cannot be done. */
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

export const print = (text: string): void => void process.stdout.write(`${text}\n`)

type Explained = readonly (readonly [words: string, meaning: string])[]

/** What a command tells of itself. */
export interface CommandHelp {
  /** As it is typed: `npm run account`. */
  readonly command: string
  /** What it does, in a sentence or two. */
  readonly does: string
  /** Each way to use it: what stands behind the command, and what that does. */
  readonly ways: Explained
  readonly options?: Explained
  /** Whole, as they are typed. */
  readonly examples: readonly string[]
  /** What else there is to know. */
  readonly more?: string
}

const byNpm = (command: string) => command.startsWith('npm ')

/** A command with words behind it, which npm would take for itself if it were not told. */
export const typed = (command: string, words: string): string =>
  [command, ...(words === '' ? [] : byNpm(command) ? ['--', words] : [words])].join(' ')

/** Lines of so many characters are read without turning one's head. */
const lineWidth = 100

function wrapped(text: string, indent: number): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && indent + line.length + 1 + word.length > lineWidth) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.join(`\n${' '.repeat(indent)}`)
}

function columns(rows: Explained): string {
  const width = Math.max(...rows.map(([words]) => words.length))
  return rows.map(([words, meaning]) => `  ${words.padEnd(width)}  ${wrapped(meaning, width + 4)}`).join('\n')
}

const waysText = ({ command, ways }: CommandHelp, chosen = ways): string =>
  chosen
    .map(([words, does]) => `  ${typed(command, words)}${does && `\n      ${wrapped(does, 6)}`}`)
    .join('\n')

const helpCommand = ({ command }: CommandHelp): string => typed(command, '--help')

/** All that a command tells of itself. */
export function helpText(help: CommandHelp): string {
  const { does, options = [], examples, more } = help
  return [
    wrapped(does, 0),
    `Usage:\n${waysText(help)}`,
    `Options:\n${columns([...options, ['--help', 'shows this']])}`,
    `Examples:\n${examples.map((example) => `  ${example}`).join('\n')}`,
    ...(more === undefined ? [] : [wrapped(more, 0)]),
  ].join('\n\n')
}

/** A wrong use of a command, of which is told how it is used. */
class UsageError extends CommandError {
  readonly help: CommandHelp

  constructor(message: string, help: CommandHelp) {
    super(message, 2)
    this.help = help
  }
}

export const usageError = (message: string, help: CommandHelp): CommandError => new UsageError(message, help)

/**
 * What whoever typed a command is told of its error: of a wrong use also how it is used, and where its first word names a
 * way, of that way alone.
 *
 * @param argv what was typed behind the command.
 */
export function errorText(error: Error, argv: readonly string[]): string {
  if (!(error instanceof UsageError)) return error.message
  const { message, help } = error
  const ways = help.ways.filter(([words]) => words.split(' ')[0] === argv[0])
  const usage = waysText(help, ways.length > 0 ? ways : help.ways)
  return `${message}\n\nUsage:\n${usage}\n\nMore: ${helpCommand(help)}`
}

/** Whether somebody wants to know what a command is, rather than have it done. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? argv.length : end).some((word) => word === '--help' || word === '-h')
}

/** Tells what a command is, and ends the process, where that is asked for. @param argv what was typed behind it. */
export function helpIfAsked(help: CommandHelp, argv: readonly string[]): void {
  if (!asksForHelp(argv)) return
  print(helpText(help))
  process.exit(0)
}

/** Names that npm has settings of: where somebody set one, it is a value and not a mere yes. */
const namesOfNpm: ReadonlySet<string> = new Set(['email', 'username', 'password'])

/**
 * Refuses what npm has taken options out of: without `--` before them it keeps them for itself, and the command would do
 * something else than was meant.
 *
 * @throws CommandError that says how it is typed.
 */
export function refuseOptionsKeptByNpm(help: CommandHelp): void {
  if (!byNpm(help.command) || process.env.npm_lifecycle_event === undefined) return
  const known = [...help.ways, ...(help.options ?? [])].flatMap(
    ([words]) => words.match(/--[a-z][a-z-]*/g) ?? [],
  )
  const kept = [...new Set(known)].filter((option) => {
    const name = option.slice(2)
    const value = process.env[`npm_config_${name.replaceAll('-', '_')}`]
    return namesOfNpm.has(name) ? value === 'true' : value !== undefined && value !== ''
  })
  if (kept.length === 0) return
  const [example = helpCommand(help)] = help.examples.filter((one) => one.includes(' -- '))
  throw usageError(
    `npm kept ${kept.join(' and ')} for itself, and nothing was done. Put -- before the words, as in: ${example}`,
    help,
  )
}

/**
 * Reads a command line by its options.
 *
 * @throws CommandError that says in one sentence which option is wrong.
 */
export function parseWords<const Options extends ParseArgsOptionsConfig>(
  argv: readonly string[],
  options: Options,
  help: CommandHelp,
) {
  const args = [...argv]
  const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true })
  const wrong = (sentence: string) =>
    new CommandError(`${sentence}: ${helpCommand(help)} tells which there are, and what they take.`, 2)
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const { name, rawName, value } = token
    const known = Object.hasOwn(options, name) ? options[name] : undefined
    if (known === undefined) throw wrong(`There is no option ${rawName}`)
    if (known.type === 'boolean' && value !== undefined) throw wrong(`The option ${rawName} takes no value`)
    if (known.type === 'string' && (value === undefined || (!token.inlineValue && value.startsWith('-'))))
      throw wrong(`The option ${rawName} needs a value`)
  }
  return parseArgs({ args, options, allowPositionals: true })
}

/**
 * Reads the command line of a script, or ends the process: with 0 when help was asked for and given, with 2 when
 * `read` throws a CommandError.
 */
export function readCommandLine<Read>(help: CommandHelp, read: (argv: readonly string[]) => Read): Read {
  const argv = process.argv.slice(2)
  helpIfAsked(help, argv)
  try {
    refuseOptionsKeptByNpm(help)
    return read(argv)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    process.stderr.write(`${errorText(error, argv)}\n`)
    process.exit(error.exitCode)
  }
}

/** @throws CommandError for any word. */
export function takeNoWords(argv: readonly string[], help: CommandHelp): void {
  const { positionals } = parseWords(argv, {}, help)
  if (positionals.length > 0) throw usageError(`"${help.command}" takes no words.`, help)
}
