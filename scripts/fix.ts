import { runTool } from './run-tool.ts'

const { ok } = await runTool('biome', ['check', '--write'])
process.exit(ok ? 0 : 1)
