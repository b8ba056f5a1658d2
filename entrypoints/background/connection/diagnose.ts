import type { Reason } from '../reachability/state.ts'
import { lookAtServer } from './server-health.ts'

/** Why no connection to `server` comes about; null when the server answers as it should. */
export async function diagnose(server: string): Promise<Reason | null> {
  const look = await lookAtServer(server)
  switch (look) {
    case 'fine':
      return null
    case 'outdated':
      return 'outdated'
    case 'not-reachable-server':
      return 'not-a-reachable-server'
    case 'silent':
      // The browser's word alone is not believed, but it explains a silence.
      return navigator.onLine === false ? 'no-network' : 'server-silent'
    default:
      return look satisfies never
  }
}
