import { type CommandHelp, readCommandLine, takeNoWords } from '../server/command-line.ts'
import { runTool } from './run-tool.ts'

const help: CommandHelp = {
  command: 'npm run check',
  does: 'Looks at types, format, lint and what is unused, and changes nothing.',
  ways: [['', '']],
  examples: ['npm run check'],
  more: 'npm run fix mends what a machine can mend.',
}

const checks = [
  { name: 'types', tool: 'tsc', parameters: ['--noEmit'] },
  { name: 'format and lint', tool: 'biome', parameters: ['check', '--error-on-warnings'] },
  { name: 'unused files, exports and packages', tool: 'knip', parameters: ['--no-progress'] },
] as const

export interface Checked {
  readonly passed: readonly string[]
  readonly failed: readonly string[]
}

/** Runs the static checks side by side, and says how each went. */
export async function runChecks(): Promise<Checked> {
  const prepared = await runTool('wxt', ['prepare'], { quiet: true })
  if (!prepared.ok) {
    process.stdout.write(prepared.output)
    return { passed: [], failed: ['the types that wxt makes'] }
  }
  const passed: string[] = []
  const failed: string[] = []
  const running = checks.map(async (check) => ({
    ...check,
    ...(await runTool(check.tool, check.parameters, { quiet: true })),
  }))
  for (const { name, tool, ok, output } of await Promise.all(running)) {
    console.log(`${ok ? '✓' : '✗'} ${name} (${tool})`)
    if (!ok) process.stdout.write(output)
    if (ok) passed.push(name)
    else failed.push(name)
  }
  return { passed, failed }
}

if (import.meta.main) {
  readCommandLine(help, (argv) => takeNoWords(argv, help))
  const { failed } = await runChecks()
  if (failed.length > 0) console.log('\n`npm run fix` mends what a machine can mend.')
  process.exit(failed.length === 0 ? 0 : 1)
}
