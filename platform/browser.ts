/**
 * The one door to the browser's extension API. It is `webextension-polyfill` where a browser lacks
 * `browser.*` with promises (Chromium before 148) and the browser's own elsewhere; the build decides
 * by the WXT module of that name.
 */
export { browser } from 'wxt/browser'
