import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Resvg } from '@resvg/resvg-js'
import { extensionFolder } from '../../../scripts/build-extension.ts'

interface IconFile {
  /** `/icons/reachable-16.png` */
  readonly path: string
  /** Red, green, blue and opacity of each pixel, the colours multiplied by the latter. */
  readonly pixels: Buffer
}

function decode(path: string, size: number): IconFile {
  const png = readFileSync(join(extensionFolder('chrome'), path)).toString('base64')
  const area = `width="${size}" height="${size}"`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${area}><image ${area} href="data:image/png;base64,${png}"/></svg>`
  return { path, pixels: new Resvg(svg).render().pixels }
}

const files = new Map<number, readonly IconFile[]>()

/** The icons of such a size in the extension as built, decoded by another than the browser. */
function filesOf(size: number): readonly IconFile[] {
  const before = files.get(size)
  if (before) return before
  const now = readdirSync(join(extensionFolder('chrome'), 'icons'))
    .filter((file) => file.endsWith(`-${size}.png`))
    .map((file) => decode(`/icons/${file}`, size))
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
  const [found, another] = filesOf(size).filter(({ pixels }) => isAlike(pixels, shown))
  return found && !another ? found.path : ''
}
