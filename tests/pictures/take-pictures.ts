import { buildExtension } from '../../scripts/extension/build-extension.ts'
import { Failures } from '../../scripts/failures.ts'
import { runWithVitest } from '../../scripts/run-with-vitest.ts'
import { missingTools } from './open-screen.ts'

const missing = missingTools()
if (missing.length > 0) {
  console.log(`The pictures are taken of a real desktop, which needs ${missing.join(', ')}. On Debian:`)
  console.log('  apt-get install xvfb openbox xdotool imagemagick')
  process.exit(1)
}
await buildExtension('chrome')
const failures = new Failures()
const chosen = process.argv.slice(2)
const names = chosen.length > 0 ? chosen : ['*']
await runWithVitest(
  names.map((name) => `tests/pictures/${name}.picture.ts`),
  failures,
)
console.log(
  failures.names.length > 0 ? 'Not every picture could be taken.' : 'The pictures are in docs/screenshots/.',
)
process.exit(failures.names.length > 0 ? 1 : 0)
