import { type CommandHelp, readCommandLine, takeNoWords } from '../server/command-line.ts'
import { runTool } from './run-tool.ts'

const help: CommandHelp = {
  command: 'npm run fix',
  does: 'Mends in the sources what a machine can mend: format, the order of imports, and some of lint.',
  ways: [['', '']],
  examples: ['npm run fix'],
  more: 'npm run check tells what is left.',
}

readCommandLine(help, (argv) => takeNoWords(argv, help))

const { ok } = await runTool('biome', ['check', '--write'])
process.exit(ok ? 0 : 1)
