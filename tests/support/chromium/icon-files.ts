import { Resvg } from '@resvg/resvg-js'
import { icons } from '../../../assets/icons.ts'

interface IconFile {
  /** `/icons/reachable-16.png` */
  readonly path: string
  /** Red, green, blue and opacity of each pixel, the colours multiplied by the latter. */
  readonly pixels: Buffer
}

/** A picture's pixels, decoded by another than the browser. */
function decode(png: Buffer, size: number): Buffer {
  const area = `width="${size}" height="${size}"`
  const image = `<image ${area} href="data:image/png;base64,${png.toString('base64')}"/>`
  return new Resvg(`<svg xmlns="http://www.w3.org/2000/svg" ${area}>${image}</svg>`).render().pixels
}

const files = new Map<number, readonly IconFile[]>()

/** The icons of such a size, as the build has them. */
export function iconFilesOf(size: number): readonly IconFile[] {
  const before = files.get(size)
  if (before) return before
  const now = icons('chromium')
    .filter(({ path }) => path.endsWith(`-${size}.png`))
    .map(({ path, contents }) => ({ path: `/${path}`, pixels: decode(contents, size) }))
  files.set(size, now)
  return now
}

/** By how much a canvas and another decoder round the same pixel apart, of 255. */
const roundedApart = 3

function isAlike(pixels: Buffer, shown: Buffer): boolean {
  if (shown.length !== pixels.length) return false
  return pixels.every((value, at) => {
    const byte = shown[at] ?? 0
    const opacity = shown[at | 3] ?? 0
    const multiplied = at % 4 === 3 ? byte : (byte * opacity) / 255
    return Math.abs(value - multiplied) <= roundedApart
  })
}

/**
 * Which of the extension's icons these pixels are.
 *
 * @param shown red, green, blue and opacity of each pixel, as `ImageData` has them.
 * @returns the file's path, or '' where no icon, or more than one, looks like that.
 */
export function fileWithPixels(size: number, shown: Buffer): string {
  const [found, another] = iconFilesOf(size).filter(({ pixels }) => isAlike(pixels, shown))
  return found && !another ? found.path : ''
}
