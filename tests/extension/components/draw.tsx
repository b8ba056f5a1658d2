import { type ComponentChild, render } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, beforeAll, beforeEach, vi } from 'vitest'
import { LazyExpectedCalls, LazyReadinessLine } from '../../../components/people/lazy-parts.ts'

let root: HTMLElement | undefined

/** Draws into a fresh element of the document, or again into the same one, effects and all. */
export async function draw(child: ComponentChild): Promise<HTMLElement> {
  const into = root ?? document.body.appendChild(document.createElement('div'))
  root = into
  await act(() => render(child, into))
  return into
}

/** Does something and waits for what it set going: state, effects, answers that had come. */
export const doing = (what: () => unknown): Promise<void> =>
  act(async () => {
    await what()
    // An answer that is there at once still takes a few turns to be drawn.
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  })

// The popup draws its lists once these are there.
beforeAll(async () => {
  await Promise.all([LazyExpectedCalls.load(), LazyReadinessLine.load()])
})

// Whoever looks has a clock of 24 hours.
beforeEach(() => {
  vi.spyOn(navigator, 'language', 'get').mockReturnValue('en-GB')
  vi.spyOn(navigator, 'languages', 'get').mockReturnValue(['en-GB'])
})

afterEach(async () => {
  await act(() => root && render(null, root))
  root?.remove()
  root = undefined
})

export const text = (): string => document.body.textContent ?? ''

const nameOf = (element: Element) => element.getAttribute('aria-label') ?? element.textContent?.trim() ?? ''

/** A button, link or menu item by its accessible name. */
export function control(name: string): HTMLElement {
  const all = [...document.querySelectorAll<HTMLElement>('button, a')]
  const found = all.find((element) => nameOf(element).startsWith(name))
  if (!found) throw new Error(`no control “${name}” among ${all.map(nameOf).join(', ')}`)
  return found
}

/** A field by its label. */
export function field(label: string): HTMLInputElement {
  const all = [...document.querySelectorAll('label')]
  const found = all.find((element) => element.textContent?.trim() === label)
  const input = found?.querySelector('input') ?? document.getElementById(found?.htmlFor ?? '')
  if (!(input instanceof HTMLInputElement)) throw new Error(`no field “${label}”`)
  return input
}

export const click = (element: HTMLElement): Promise<void> => doing(() => element.click())

export const type = (label: string, value: string): Promise<void> =>
  doing(() => {
    const input = field(label)
    input.value = value
    input.dispatchEvent(new Event('input', { bubbles: true }))
  })

/** Presses a key where the focus is; false when the page kept the key for itself. */
export async function press(key: string, more: KeyboardEventInit = {}): Promise<boolean> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
  await doing(() => (document.activeElement ?? document.body).dispatchEvent(event))
  return !event.defaultPrevented
}

/** What belongs to a field by `aria-describedby`. */
export const description = (input: HTMLElement): string =>
  (input.getAttribute('aria-describedby') ?? '')
    .split(' ')
    .map((id) => document.getElementById(id)?.textContent ?? '')
    .join(' ')
