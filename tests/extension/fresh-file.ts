import { vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'

// What Vitest runs before each file of tests, of which a worker runs many: each begins as in a worker of its own.

type Fields = Map<object, PropertyDescriptorMap>

interface Kept {
  /** What the fake browser was made with. */
  readonly browser: Fields
  /** What was begun and is not over, unless it was cleared. */
  readonly timers: Set<NodeJS.Timeout>
}

/** This file is evaluated anew each time; a worker keeps this. */
const worker = globalThis as { reachableWorker?: Kept }

/** Notes the fields of an object, and of those that it holds. */
function note(object: object, noted: Fields = new Map()): Fields {
  if (noted.has(object)) return noted
  const fields = Object.getOwnPropertyDescriptors(object)
  noted.set(object, fields)
  for (const { value } of Object.values(fields))
    if (typeof value === 'object' && value !== null) note(value, noted)
  return noted
}

/** Tests give the fake browser what it does not have. */
function restore(noted: Fields): void {
  for (const [object, fields] of noted) {
    for (const name of Reflect.ownKeys(object)) if (!(name in fields)) Reflect.deleteProperty(object, name)
    Object.defineProperties(object, fields)
  }
}

/** Notes each timer from now on. */
function noteTimers(): Set<NodeJS.Timeout> {
  const noted = new Set<NodeJS.Timeout>()
  const { setTimeout: begin, setInterval: beginAgain } = globalThis
  const once = (todo: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => {
    const done = () => {
      noted.delete(timer)
      todo(...given)
    }
    const timer = begin(done, ms)
    noted.add(timer)
    return timer
  }
  const again = (...of: Parameters<typeof beginAgain>) => {
    const timer = beginAgain(...of)
    noted.add(timer)
    return timer
  }
  globalThis.setTimeout = Object.assign(once, begin) as typeof begin
  globalThis.setInterval = Object.assign(again, beginAgain) as typeof beginAgain
  return noted
}

/** Puts it as it is before anything was drawn. */
function clear({ documentElement, head, body }: Document): void {
  for (const element of [documentElement, head, body])
    for (const name of element.getAttributeNames()) element.removeAttribute(name)
  head.replaceChildren()
  body.replaceChildren()
  localStorage.clear()
  sessionStorage.clear()
}

vi.useRealTimers()
vi.unstubAllGlobals()
vi.unstubAllEnvs()
vi.resetModules()
fakeBrowser.reset()
worker.reachableWorker ??= { browser: note(fakeBrowser), timers: noteTimers() }
restore(worker.reachableWorker.browser)
// What the file before left to be done would be done to this one.
for (const timer of worker.reachableWorker.timers) clearTimeout(timer)
worker.reachableWorker.timers.clear()
// Those of `fake-indexeddb/auto`, which is evaluated anew where a file asks for it.
for (const name of Object.getOwnPropertyNames(globalThis))
  if (name === 'indexedDB' || name.startsWith('IDB')) Reflect.deleteProperty(globalThis, name)
if (typeof document === 'object') clear(document)
