import { useState } from 'preact/hooks'
import './Picture.css'

interface Props {
  readonly address: string | null
}

/** A person's picture over their initials, once it has loaded. It names nobody: what it stands on does. */
export function Picture({ address }: Props) {
  const [loaded, setLoaded] = useState<string>()
  if (!address?.startsWith('https://')) return null
  return (
    <img
      class={loaded === address ? 'picture picture--loaded' : 'picture'}
      src={address}
      alt=""
      referrerpolicy="no-referrer"
      onLoad={() => setLoaded(address)}
    />
  )
}
