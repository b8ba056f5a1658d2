import { execFileSync } from 'node:child_process'
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { inRoot } from '../../scripts/root.ts'
import { launchPlainChromium } from '../support/chromium/open-plain-chromium.ts'

export interface Picture {
  readonly png: Buffer
  readonly caption?: string
  /** Width that it takes, in pixels of the page that shows it. */
  readonly width: number
}

const longest = 150_000

const style = `
  body { margin: 0; background: #fff; font: 500 14px 'Noto Sans', sans-serif; color: #3c4043 }
  main { display: inline-flex; gap: 20px; padding: 4px; align-items: flex-start }
  figure { margin: 0; text-align: center }
  img { display: block; border: 1px solid #dadce0; border-radius: 10px }
  figcaption { padding: 10px 0 6px }
  table { border-spacing: 6px }
  td { vertical-align: top }
  th { max-width: 100px; font-weight: 500; text-align: center; vertical-align: bottom; padding: 4px }
  tr > th:first-child { text-align: right; vertical-align: middle; white-space: nowrap; min-width: 110px; max-width: none }
`

/** Writes pictures side by side, `fineness` times as fine as they are shown, to docs/screenshots/NAME.png. */
export async function saveSideBySide(
  name: string,
  pictures: readonly Picture[],
  fineness = 2,
): Promise<void> {
  const figures = pictures.map(
    ({ png, caption, width }) =>
      `<figure><img width="${width}" src="data:image/png;base64,${png.toString('base64')}">` +
      `${caption ? `<figcaption>${caption}</figcaption>` : ''}</figure>`,
  )
  await saveMarkup(name, figures.join(''), fineness)
}

async function saveMarkup(name: string, markup: string, fineness: number): Promise<void> {
  const browser = await launchPlainChromium()
  const page = await browser.newPage({
    deviceScaleFactor: fineness,
    viewport: { width: 2_000, height: 1_200 },
  })
  await page.setContent(`<style>${style}</style><main>${markup}</main>`)
  await page.waitForFunction(() => [...document.images].every((image) => image.complete))
  savePicture(name, await page.locator('main').screenshot())
}

interface Row {
  readonly name: string
  readonly pictures: readonly Picture[]
}

/** The same for rows of pictures that show the same things, whose captions stand above the first row. */
export async function saveRows(name: string, rows: readonly Row[], fineness = 2): Promise<void> {
  const image = ({ png, width }: Picture) =>
    `<td><img width="${width}" src="data:image/png;base64,${png.toString('base64')}"></td>`
  const captions = rows[0]?.pictures.map(({ caption }) => `<th>${caption ?? ''}</th>`).join('') ?? ''
  const lines = rows.map((row) => `<tr><th>${row.name}</th>${row.pictures.map(image).join('')}</tr>`).join('')
  await saveMarkup(name, `<table><tr><th></th>${captions}</tr>${lines}</table>`, fineness)
}

/** Writes a picture as small as its colours allow. */
export function savePicture(name: string, png: Buffer): void {
  const file = inRoot('docs', 'screenshots', `${name}.png`)
  mkdirSync(dirname(file), { recursive: true })
  const smaller = ['-strip', '-dither', 'None', '-colors', '255', '-define', 'png:compression-level=9']
  execFileSync('convert', ['png:-', ...smaller, `PNG8:${file}`], { input: png })
  const { size } = statSync(file)
  if (size > longest) throw new Error(`${name}.png has ${size} bytes: too many for a page that shows it.`)
}
