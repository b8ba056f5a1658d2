import { buildExtension } from '../../scripts/build-extension.ts'
import { buildWeb } from '../../scripts/build-web.ts'
import { readCommandLine } from '../../server/command-line.ts'
import { chosenPrograms, programsHelp } from '../support/chosen-programs.ts'
import { ProgressReporter, runWithVitest } from '../support/run-with-vitest.ts'
import { missingTools } from './open-screen.ts'

/** In the order in which they are taken; each is a file `NAME.picture.ts` here. */
const pictures = {
  toolbar: 'the icon with its badge in each state',
  popup: 'the popup, its login form, the menu of the icon',
  pages: "the extension's other pages, and a call",
  room: 'the room of a call: before Join, in it, and as narrow as a phone',
  'room-states': 'the room in every state, to look at',
  people: 'messages, the list of calls, a call that is placed, a decline with an answer',
  contacts: 'contacts, requests, the status menu, what can be done with somebody',
  'server-pages': "the server's pages around accounts, and a place's",
  'place-states':
    'the pages of a place in every state, its frame and image, and its part of My account, to look at',
}

/**
 * Takes the pictures that are named, or all of them.
 *
 * @returns 1 when one could not be taken; 2 for one that there is not.
 */
async function takePictures(names: readonly string[]): Promise<0 | 1 | 2> {
  const chosen = chosenPrograms('npm run screenshots', pictures, names)
  if (!chosen) return 2
  const missing = missingTools()
  if (missing.length > 0) {
    console.log(`The pictures are taken of a real desktop, which needs ${missing.join(', ')}. On Debian:`)
    console.log('  apt-get install xvfb openbox xdotool imagemagick')
    return 1
  }
  await buildExtension('chrome')
  await buildWeb()
  const reporter = new ProgressReporter()
  await runWithVitest(
    chosen.map((name) => `tests/pictures/${name}.picture.ts`),
    reporter,
  )
  const failed = reporter.failed.length > 0
  console.log(
    failed
      ? 'Not every picture could be taken.'
      : 'The pictures are in docs/screenshots/, those to look at in output/pictures/.',
  )
  return failed ? 1 : 0
}

const help = programsHelp(
  'npm run screenshots',
  'Takes the pictures in docs/screenshots/ anew, of a real browser on a screen that nobody sees; and those of every state.',
  pictures,
)

process.exit(await takePictures(readCommandLine(help, (names) => names)))
