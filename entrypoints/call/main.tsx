import { CallPage } from '../../components/CallPage.tsx'
import { mount } from '../../components/mount.tsx'
import { PlacedCallPage } from '../../components/people/PlacedCallPage.tsx'
import { ask } from '../../messages/client.ts'

const query = new URLSearchParams(location.search)
/** A call that this person placed, by the key that this device gave it; else one that came. */
const placed = query.get('placed')
const id = placed ?? query.get('id') ?? ''

/** By the worker, which brings the window of the next call forward; a window that it does not know closes by itself. */
async function close(): Promise<void> {
  await ask('close-call-window', { call: id }).catch(() => undefined)
  window.close()
}

mount((props) =>
  placed === null ? (
    <CallPage {...props} id={id} close={close} />
  ) : (
    <PlacedCallPage {...props} id={id} close={close} />
  ),
)
