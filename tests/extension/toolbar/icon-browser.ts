import { onTestFinished, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'

/** What becomes of one drawing; milliseconds are counted from its call. */
export type Fate =
  /** It is seen after so long, and the browser says so after so long again. */
  | { readonly drawn: number; readonly told: number }
  /** Nothing of it is ever seen. */
  | { readonly refused: number }
  | 'throws'
  | 'never ends'

const well: Fate = { drawn: 0, told: 0 }

/** What becomes of one look at a file: it comes after so many milliseconds, or does not. */
export type Reading = { readonly after: number; readonly comes: boolean } | 'never ends'

interface Drawing {
  readonly path?: Readonly<Record<number, string>>
  readonly imageData?: Readonly<Record<number, { readonly file: string }>>
}

/** Every size has to be of one icon, each of its own size. */
function iconOf({ path, imageData }: Drawing): string {
  const files = Object.entries(path ?? imageData ?? {}).map(([size, of]) => {
    const file = typeof of === 'string' ? of : of.file
    return file.endsWith(`-${size}.png`)
      ? file.slice('/icons/'.length, -`-${size}.png`.length)
      : `${file} at ${size}`
  })
  return [...new Set(files)].join('+')
}

function later(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  setTimeout(() => resolve(), ms)
  return promise
}

/**
 * A browser whose time is told by the test, and what it shows.
 *
 * @param fates of its drawings, in the order in which they are asked for; further ones go well, at once.
 */
export function iconBrowser(...fates: readonly Fate[]) {
  vi.useFakeTimers()
  onTestFinished(leave)
  const asked: string[] = []
  const drawn: string[] = []
  async function draw(of: Drawing, fate: Exclude<Fate, 'throws' | 'never ends'>): Promise<void> {
    if ('refused' in fate) {
      await later(fate.refused)
      throw new Error('refused')
    }
    if (fate.drawn > 0) await later(fate.drawn)
    drawn.push(iconOf(of))
    if (fate.told > 0) await later(fate.told)
  }
  const nothing = async () => {}
  Object.assign(fakeBrowser.action, {
    ...{
      setBadgeText: nothing,
      setBadgeBackgroundColor: nothing,
      setBadgeTextColor: nothing,
      setTitle: nothing,
    },
    setIcon: (of: Drawing) => {
      const fate = fates[asked.length] ?? well
      asked.push(`${iconOf(of)}${of.path ? ' by its files' : ''}`)
      if (fate === 'throws') throw new Error('refused at once')
      return fate === 'never ends' ? new Promise(() => {}) : draw(of, fate)
    },
  })
  return { asked, drawn }
}

/**
 * Makes the background a worker, which reads the files of icons itself.
 *
 * @param looks what becomes of its looks at files, in their order; further ones come after 5 ms.
 * @returns the files that were looked at.
 */
export function readFilesHere(...looks: readonly Reading[]): readonly string[] {
  const files: string[] = []
  vi.stubGlobal('fetch', async (file: string) => {
    const look = looks[files.length] ?? { after: 5, comes: true }
    files.push(file)
    if (look === 'never ends') await new Promise(() => {})
    else {
      await later(look.after)
      if (!look.comes) throw new TypeError('Failed to fetch')
    }
    return { blob: async () => file }
  })
  vi.stubGlobal('createImageBitmap', async (file: string) => file)
  vi.stubGlobal(
    'OffscreenCanvas',
    class {
      readonly getContext = () => {
        let file = ''
        return {
          drawImage: (picture: string) => {
            file = picture
          },
          getImageData: () => ({ file }),
        }
      }
    },
  )
  return files
}

/** Ends what `iconBrowser` and `readFilesHere` began. */
export function leave(): void {
  vi.clearAllTimers()
  vi.useRealTimers()
  vi.unstubAllGlobals()
}
