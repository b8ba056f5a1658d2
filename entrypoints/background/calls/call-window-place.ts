/** A place on the desktop, in the pixels of the browser's own windows. */
export interface Area {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** A window with the light in its toolbar. */
export interface BrowserWindow extends Area {
  /** What stands above its page: tabs, toolbar, bookmarks. */
  readonly headHeight: number
}

/** Between the window of a call and the edge of the browser's, and what stands above it. */
const margin = 16

/** How far each further window lies from the one before: its title stays in sight. */
const step = { left: 24, top: 40 }

/** No browser's head is higher; what claims to be has tools docked below the page. */
const mostHead = 260
const usualHead = 100

/** How high the head of a window is, from the heights of the window and of the page in it, where they are known. */
export function headHeightOf(window: number | undefined, page: number | undefined): number {
  const height = (window ?? Number.NaN) - (page ?? Number.NaN)
  return height >= 0 && height <= mostHead ? height : usualHead
}

/**
 * Where the window of a call opens: near the light, which is in the upper right corner of `beside`, below the toolbar.
 *
 * @param slot how many windows of calls stand there already, counted from the corner.
 */
export function placeBeside(beside: BrowserWindow, size: Pick<Area, 'width' | 'height'>, slot: number): Area {
  return {
    left: Math.round(beside.left + beside.width - margin - slot * step.left - size.width),
    top: Math.round(beside.top + beside.headHeight + margin + slot * step.top),
    ...size,
  }
}

/** `area` on a screen, no bigger than it, and moved no further than it takes. */
export function withinScreen({ left, top, width, height }: Area, screen: Area): Area {
  const size = { width: Math.min(width, screen.width), height: Math.min(height, screen.height) }
  return {
    left: clamp(left, screen.left, screen.left + screen.width - size.width),
    top: clamp(top, screen.top, screen.top + screen.height - size.height),
    ...size,
  }
}

const clamp = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most)
