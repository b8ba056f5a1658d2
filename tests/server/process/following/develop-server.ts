import { spawn } from 'node:child_process'
import { endWithUs } from '../../../../scripts/dev/reaper.ts'
import { inRoot } from '../../../../scripts/root.ts'

// As `scripts/dev.ts` does, without building the extension.
const server = spawn(
  process.execPath,
  ['--watch', '--watch-preserve-output', inRoot('server', 'main.ts'), '--follow-parent'],
  { stdio: 'inherit', detached: true },
)
endWithUs([server])
server.on('exit', () => process.exit(1))
