import { runServer } from '../../../../scripts/start/run-server.ts'

// As `scripts/start.ts` does, without building the extension.
const server = runServer()
server.process.on('exit', (code) => process.exit(code ?? 1))
