import { browser } from '../../../platform/browser.ts'
import { withTimeout } from '../../../platform/timeout.ts'
import type { ToolbarIcon } from './badge-view.ts'
import { createIconPictures } from './icon-pictures.ts'

/**
 * Draws the icon that is wanted when its picture is there; it waits for no other drawing. A browser that reads files for
 * each may end an earlier drawing after a later one, and so may one that does not answer for long: whenever a drawing of
 * what is wanted no longer ends, `drawAgain` is called, so that the last that is drawn is what is wanted.
 *
 * @param patience for files, and for the browser's answer, in ms each.
 * @returns draws; rejects when the browser refuses or does not answer.
 */
export function createIconWriter(
  wanted: () => ToolbarIcon,
  drawAgain: () => void,
  patience: number,
): () => Promise<void> {
  const pictures = createIconPictures(patience)
  // How a lease ends is drawn at once, however long files take by then; what is drawn first does not wait for it.
  void Promise.resolve(pictures.of('checking')).then(() => pictures.of('unreachable-lettered'))

  return async () => {
    const icon = wanted()
    const ready = pictures.of(icon)
    const picture = ready instanceof Promise ? await ready : ready
    // Whoever wanted another since has asked for it.
    if (icon !== wanted()) return
    const drawing = browser.action.setIcon(picture)
    const ended = () => {
      if (icon !== wanted()) drawAgain()
    }
    drawing.then(ended, ended)
    await withTimeout(drawing, patience)
  }
}
