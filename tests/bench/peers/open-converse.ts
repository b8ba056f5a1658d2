import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { onTestFinished } from 'vitest'
import { launchPlainChromium } from '../../support/chromium/open-plain-chromium.ts'
import { accountName, password } from './xmpp-account.ts'

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
}

/** As its own documentation shows it, signing in by itself. */
const page = (socket: string) => `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <link rel="stylesheet" href="/converse.min.css">
  <converse-root></converse-root>
  <script type="module">
    import converse from '/converse.min.js'
    converse.initialize({
      websocket_url: '${socket}', discover_connection_methods: false, assets_path: '/',
      authentication: 'login', auto_login: true, jid: '${accountName(0)}@localhost', password: '${password}',
      view_mode: 'fullscreen', i18n: 'en',
    })
  </script>
</html>`

async function serve(dist: string, socket: string): Promise<string> {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
    if (path === '/') return void response.setHeader('content-type', 'text/html').end(page(socket))
    const file = await readFile(join(dist, path)).catch(() => undefined)
    if (!file) return void response.writeHead(404).end()
    response.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream').end(file)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/**
 * Someone who is signed in with Converse.js in a Chromium of its own.
 *
 * @param dist the folder of its build.
 * @param server where its XMPP server answers by HTTP.
 */
export async function openConverse(dist: string, server: string) {
  const context = await (await launchPlainChromium()).newContext()
  const tab = await context.newPage()
  await tab.goto(await serve(dist, `${server.replace('http', 'ws')}/xmpp-websocket`))
  return {
    /** Whether it tells its person "I am online". */
    saysOnline: () => tab.getByText('I am online', { exact: true }).isVisible(),
    setOffline: (is: boolean) => context.setOffline(is),
  }
}
