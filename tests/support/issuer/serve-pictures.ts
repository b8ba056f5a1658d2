import type { Device, Picture } from '../device.ts'

/** One green dot. */
const dot: Picture = {
  contentType: 'image/png',
  body: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkaPj/HwADhQGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
}

/** Stands in for the host of people's pictures, which cannot be reached until `paint`. */
export async function servePictures(device: Device) {
  const asked: string[] = []
  let painted = false
  await device.standInFor('pictures.invalid', (url) => {
    asked.push(url)
    return painted ? dot : undefined
  })
  return {
    asked: () => asked,
    paint: () => {
      painted = true
    },
  }
}
