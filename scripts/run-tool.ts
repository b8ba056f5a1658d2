import { spawn } from 'node:child_process'
import { inRoot, root } from './root.ts'

export interface Ran {
  readonly ok: boolean
  /** What the tool printed; empty unless `quiet`. */
  readonly output: string
}

/**
 * Runs a command-line tool of node_modules, such as `tsc`, in the repository's folder.
 *
 * @param quiet keep what it prints, to be shown only when it matters.
 */
export function runTool(
  tool: string,
  parameters: readonly string[] = [],
  { quiet = false, env = {} }: { quiet?: boolean; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const windows = process.platform === 'win32'
  const file = inRoot('node_modules', '.bin', windows ? `${tool}.cmd` : tool)
  const child = spawn(file, parameters, {
    cwd: root,
    env: { ...process.env, ...env },
    shell: windows,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output += chunk.toString()
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ ok: false, output: `${output}${error.message}\n` }))
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}
