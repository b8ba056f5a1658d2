import { browser } from '../platform/browser.ts'

/** The extension's version as its manifest says it: `1.2.3`. */
export const version = (): string => browser.runtime.getManifest().version
