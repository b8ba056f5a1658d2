/** What draws lists of any length, in one file: most who open the popup have no use for it yet. */
export { Thread } from './Thread.tsx'
export { useVirtualRows } from './use-virtual-rows.ts'
