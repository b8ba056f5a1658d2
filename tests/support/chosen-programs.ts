import { type CommandHelp, typed } from '../../server/command-line.ts'

/** What a command tells of itself that runs programs of ours, those that are named or all of them. */
export function programsHelp(
  command: string,
  does: string,
  programs: Readonly<Record<string, string>>,
  more: Partial<Pick<CommandHelp, 'options' | 'examples' | 'more'>> = {},
): CommandHelp {
  const named = Object.entries(programs)
  const [first = ''] = Object.keys(programs)
  return {
    command,
    does,
    ways: [['', named.length > 1 ? 'All of these, in this order.' : ''], ...named],
    ...more,
    examples: [command, ...(more.examples ?? [typed(command, first)])],
  }
}

/**
 * The programs that a command line names, or all of them.
 *
 * @param command such as `npm run bench`.
 * @param programs what each does, by its name, in the order in which they run.
 * @returns nothing, having said which there are, when one is named that there is not.
 */
export function chosenPrograms<Name extends string>(
  command: string,
  programs: Readonly<Record<Name, string>>,
  named: readonly string[],
): readonly Name[] | undefined {
  const all = Object.keys(programs) as Name[]
  const unknown = named.filter((name) => !Object.hasOwn(programs, name))
  if (unknown.length > 0) {
    const widest = Math.max(...all.map((name) => name.length))
    const usage = all.map((name) => `  ${command} -- ${name.padEnd(widest)}  ${programs[name]}`)
    console.log(`There is no ${unknown.join(' or ')}. There are:\n${usage.join('\n')}`)
    return undefined
  }
  return named.length > 0 ? all.filter((name) => named.includes(name)) : all
}
