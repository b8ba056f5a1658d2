import { vi } from 'vitest'

/** For what no rule bounds in time: `vi.waitFor` gives up after 1 s by itself, which a busy machine may take. */
const patience = { timeout: 20_000, interval: 20 }

const { waitFor } = vi
vi.waitFor = (callback, options) => waitFor(callback, options ?? patience)
