import type { BrowserContext } from 'playwright'

/** One green dot. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkaPj/HwADhQGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** Stands in for the host of people's pictures, which cannot be reached until `paint`. */
export async function servePictures(context: BrowserContext) {
  const asked: string[] = []
  let painted = false
  await context.route('https://pictures.invalid/**', async (route) => {
    asked.push(route.request().url())
    await (painted ? route.fulfill({ contentType: 'image/png', body: png }) : route.abort())
  })
  return {
    asked: () => asked,
    paint: () => {
      painted = true
    },
  }
}
