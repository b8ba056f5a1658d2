/**
 * What Node is given wherever it runs the server; without, the server does the same with more memory. By itself V8 lets
 * the part of the heap in which objects begin grow to 128 MB, though hardly anything outlives a heartbeat: that is more
 * than 10,000 connected devices take, and passes through the processor's cache again and again.
 */
export const serverFlags: readonly string[] = ['--max-semi-space-size=4']
