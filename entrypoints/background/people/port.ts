import type { browser } from '../../../platform/browser.ts'

/** A page's line to the worker. */
export type Port = Parameters<Parameters<typeof browser.runtime.onConnect.addListener>[0]>[0]
