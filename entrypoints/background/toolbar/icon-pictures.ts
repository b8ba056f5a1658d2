import { withTimeout } from '../../../platform/timeout.ts'
import type { ToolbarIcon } from './badge-view.ts'

const sizes = [16, 24, 32, 48]

const bySize = <T>(of: (size: number) => T): Record<number, T> =>
  Object.fromEntries(sizes.map((size) => [size, of(size)]))

const fileOf = (icon: ToolbarIcon, size: number) => `/icons/${icon}-${size}.png`

/** One icon as `action.setIcon` takes it: its pixels, or the paths of its files, by size. */
export type Picture =
  | { readonly imageData: Record<number, ImageData> }
  | { readonly path: Record<number, string> }

/** The icon by its files, which the browser reads for each drawing. */
const ofFiles = (icon: ToolbarIcon): Picture => ({ path: bySize((size) => fileOf(icon, size)) })

async function pixelsOf(icon: ToolbarIcon, size: number): Promise<ImageData> {
  const bitmap = await createImageBitmap(await (await fetch(fileOf(icon, size))).blob())
  const canvas = new OffscreenCanvas(size, size).getContext('2d')
  if (!canvas) throw new Error('Nothing to draw on')
  canvas.drawImage(bitmap, 0, 0)
  return canvas.getImageData(0, 0, size, size)
}

async function ofPixels(icon: ToolbarIcon): Promise<Picture> {
  const drawn = await Promise.all(sizes.map(async (size) => [size, await pixelsOf(icon, size)] as const))
  return { imageData: Object.fromEntries(drawn) }
}

export interface IconPictures {
  /** The picture of an icon: at once where there is nothing to read. It never fails: what cannot be read has its paths. */
  readonly of: (icon: ToolbarIcon) => Picture | Promise<Picture>
}

/**
 * A worker's browser reads and decodes an icon's files in the worker at each drawing (Chromium), which takes a busy machine
 * many times as long as all else. There each icon is read once, and drawn from memory from then on. Where the background
 * is a page, the browser's own window reads what it shows (Firefox), and its paths are all that it needs.
 *
 * @param patience for the files of an icon, in ms; they are read on meanwhile.
 */
export function createIconPictures(patience: number): IconPictures {
  if ('document' in globalThis || !('OffscreenCanvas' in globalThis)) return { of: ofFiles }
  const read = new Map<ToolbarIcon, Picture>()
  const reading = new Map<ToolbarIcon, Promise<Picture>>()

  function begin(icon: ToolbarIcon): Promise<Picture> {
    const begun = ofPixels(icon)
    reading.set(icon, begun)
    void begun.then(
      (picture) => read.set(icon, picture),
      () => {},
    )
    return begun
  }

  async function soon(icon: ToolbarIcon): Promise<Picture> {
    try {
      return await withTimeout(reading.get(icon) ?? begin(icon), patience)
    } catch {
      // Read anew when it is wanted again.
      reading.delete(icon)
      return ofFiles(icon)
    }
  }

  return { of: (icon) => read.get(icon) ?? soon(icon) }
}
