import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../temporary-folder.ts'

/** Red, green and blue, of 255. */
export type Colour = readonly [red: number, green: number, blue: number]

export const red: Colour = [200, 30, 30]
export const blue: Colour = [30, 60, 200]

const [width, height, pictures] = [320, 240, 4]

/** By ITU-R BT.601, of the limited range that a camera sends. */
function planesOf([red, green, blue]: Colour): readonly [y: number, u: number, v: number] {
  const y = 16 + (65.738 * red + 129.057 * green + 25.064 * blue) / 256
  const u = 128 + (-37.945 * red - 74.494 * green + 112.439 * blue) / 256
  const v = 128 + (112.439 * red - 94.154 * green - 18.285 * blue) / 256
  return [y, u, v].map(Math.round) as [number, number, number]
}

/**
 * What a camera sees that is pointed at one colour, as Chromium takes it for a camera: uncompressed pictures in a file of the
 * YUV4MPEG2 format, which it shows again and again.
 */
export function pictureFile(colour: Colour): string {
  const [y, u, v] = planesOf(colour)
  const [luma, chroma] = [width * height, (width * height) / 4]
  const picture = Buffer.concat([
    Buffer.from('FRAME\n'),
    ...[Buffer.alloc(luma, y), Buffer.alloc(chroma, u), Buffer.alloc(chroma, v)],
  ])
  const file = join(temporaryFolder(), 'camera.y4m')
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F20:1 Ip A1:1 C420jpeg\n`)
  writeFileSync(file, Buffer.concat([head, ...Array.from({ length: pictures }, () => picture)]))
  return file
}

/** Whether a colour that went through a camera, a codec and a screen is still this one. */
export const isColour = (seen: readonly number[], colour: Colour): boolean =>
  seen.length >= 3 && colour.every((part, at) => Math.abs(part - (seen[at] ?? -999)) < 45)
