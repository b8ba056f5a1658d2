import { CallPage } from '../../components/CallPage.tsx'
import { mount } from '../../components/mount.tsx'
import { ask } from '../../messages/client.ts'

const id = new URLSearchParams(location.search).get('id') ?? ''

/** By the worker, which brings the window of the next call forward; a window that it does not know closes by itself. */
async function close(): Promise<void> {
  await ask('close-call-window', { call: id }).catch(() => undefined)
  window.close()
}

mount((props) => <CallPage {...props} id={id} close={close} />)
