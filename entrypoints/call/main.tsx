import { CallPage } from '../../components/CallPage.tsx'
import { mount } from '../../components/mount.tsx'

const id = new URLSearchParams(location.search).get('id') ?? ''

mount((props) => <CallPage {...props} id={id} close={() => window.close()} />)
