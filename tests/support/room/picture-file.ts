import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../temporary-folder.ts'

/** Red, green and blue, of 255. */
export type Colour = readonly [red: number, green: number, blue: number]

export const red: Colour = [200, 30, 30]
export const blue: Colour = [30, 60, 200]

const pictures = 4

/** By ITU-R BT.601, of the limited range that a camera sends. */
function planesOf([red, green, blue]: Colour): readonly [y: number, u: number, v: number] {
  const y = 16 + (65.738 * red + 129.057 * green + 25.064 * blue) / 256
  const u = 128 + (-37.945 * red - 74.494 * green + 112.439 * blue) / 256
  const v = 128 + (112.439 * red - 94.154 * green - 18.285 * blue) / 256
  return [y, u, v].map(Math.round) as [number, number, number]
}

interface Scene {
  /** In pixels, even ones. */
  readonly width: number
  readonly height: number
  readonly colourAt: (x: number, y: number) => Colour
}

/**
 * What a camera sees, as Chromium takes it for one: uncompressed pictures in a file of the YUV4MPEG2 format, which it shows
 * again and again.
 */
export function cameraFile({ width, height, colourAt }: Scene): string {
  const luma = Buffer.alloc(width * height)
  const [us, vs] = [Buffer.alloc(luma.length / 4), Buffer.alloc(luma.length / 4)]
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const [light, u, v] = planesOf(colourAt(x, y))
      luma[y * width + x] = light
      const chroma = (y >> 1) * (width / 2) + (x >> 1)
      us[chroma] = u
      vs[chroma] = v
    }
  const picture = Buffer.concat([Buffer.from('FRAME\n'), luma, us, vs])
  const file = join(temporaryFolder(), 'camera.y4m')
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F20:1 Ip A1:1 C420jpeg\n`)
  writeFileSync(file, Buffer.concat([head, ...Array.from({ length: pictures }, () => picture)]))
  return file
}

/** What a camera sees that is pointed at one colour. */
export const pictureFile = (colour: Colour): string =>
  cameraFile({ width: 320, height: 240, colourAt: () => colour })

/** Whether a colour that went through a camera, a codec and a screen is still this one. */
export const isColour = (seen: readonly number[], colour: Colour): boolean =>
  seen.length >= 3 && colour.every((part, at) => Math.abs(part - (seen[at] ?? -999)) < 45)
