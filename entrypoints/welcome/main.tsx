import { mount } from '../../components/mount.tsx'
import { WelcomePage } from '../../components/WelcomePage.tsx'

mount((props) => <WelcomePage {...props} browser={import.meta.env.FIREFOX ? 'firefox' : 'chromium'} />)
