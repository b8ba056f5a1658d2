import type { Device, Picture } from '../device.ts'

/** One green dot. */
const dot: Picture = {
  contentType: 'image/png',
  body: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkaPj/HwADhQGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
}

/** Stands in for the host of people's pictures, which cannot be reached until `serve`. */
export async function servePictures(device: Device) {
  const requested: string[] = []
  let serving = false
  await device.interceptRequests('pictures.invalid', (url) => {
    requested.push(url)
    return serving ? dot : undefined
  })
  return {
    requested: () => requested,
    serve: () => {
      serving = true
    },
  }
}
