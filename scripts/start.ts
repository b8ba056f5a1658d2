import type { ChildProcess } from 'node:child_process'
import { buildExtension } from './build-extension.ts'
import { guidance } from './start/guidance.ts'
import { openBrowser } from './start/open-browser.ts'
import { runServer } from './start/run-server.ts'

async function build(target: 'chrome' | 'firefox'): Promise<string> {
  const { folder, fresh } = await buildExtension(target)
  if (fresh) console.log(`Built the extension for ${target === 'chrome' ? 'Chromium' : 'Firefox'}.`)
  return folder
}

function end(child: ChildProcess | undefined): void {
  if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return
  process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGTERM')
}

const server = runServer()
let browser: ChildProcess | undefined
let stopping = false

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (stopping) return
    stopping = true
    end(browser)
    end(server.process)
  })

server.process.on('error', (error) => {
  console.error(`The server could not be started: ${error.message}`)
  process.exit(1)
})
server.process.on('exit', (code) => {
  end(browser)
  process.exit(stopping ? 0 : code || 1)
})

try {
  const chromeFolder = await build('chrome')
  const firefoxFolder = await build('firefox')
  const url = await server.url
  if (url !== undefined && !stopping) {
    const started = { url, chromeFolder, firefoxFolder, dataDir: process.env.DATA_DIR }
    console.log(guidance(started))
    if (process.argv.includes('--open')) browser = await openBrowser(started)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  end(server.process)
}
