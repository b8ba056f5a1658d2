import { mount } from '../../components/mount.tsx'
import { OptionsPage } from '../../components/OptionsPage.tsx'
import { version } from '../../messages/version.ts'

mount((props) => <OptionsPage {...props} version={version()} />)
