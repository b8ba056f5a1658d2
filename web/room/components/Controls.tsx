import { useEffect } from 'preact/hooks'
import type { MediaView } from '../media.ts'
import type { RoomActions } from '../open-room.ts'
import { fill, type RoomTexts } from '../texts.ts'
import { Icon, type IconName } from './Icon.tsx'

/** Without any other key: nothing is typed on this page. By what is printed on the key, so that what is shown is so. */
export const keys = { mute: 'M', camera: 'V', share: 'S', hangUp: 'H' } as const

type Control = keyof typeof keys

interface Props {
  readonly media: MediaView
  readonly texts: RoomTexts
  readonly act: Pick<RoomActions, 'setMuted' | 'setCamera' | 'setSharing' | 'hangUp'>
  /** Whether what happens in a call can be done already. */
  readonly isIn: boolean
}

export const isMuted = ({ muted, audio }: Pick<MediaView, 'muted' | 'audio'>): boolean =>
  muted || audio === null

/** Mute, camera, screen and hanging up, by buttons and by keys. */
export function Controls({ media, texts, act, isIn }: Props) {
  const { controls } = texts
  const muted = isMuted(media)
  const hasCamera = media.video !== null
  const does: Readonly<Record<Control, () => void>> = {
    mute: () => act.setMuted(!muted),
    camera: () => act.setCamera(!hasCamera),
    share: () => act.setSharing(!media.sharing),
    hangUp: act.hangUp,
  }
  const canShare = isIn && media.canShare
  useKeys(does, (control) => control !== 'share' || canShare)
  return (
    <fieldset class="controls">
      <legend class="for-readers">{controls.label}</legend>
      <Button control="mute" icon={muted ? 'silent' : 'microphone'} off={muted} run={does.mute}>
        {muted ? controls.unmute : controls.mute}
      </Button>
      <Button control="camera" icon={hasCamera ? 'camera' : 'dark'} off={!hasCamera} run={does.camera}>
        {hasCamera ? controls.cameraOff : controls.camera}
      </Button>
      {canShare && (
        <Button control="share" icon="screen" off={false} run={does.share}>
          {media.sharing ? controls.stopSharing : controls.share}
        </Button>
      )}
      <Button control="hangUp" icon="end" off={false} run={does.hangUp}>
        {controls.hangUp}
      </Button>
    </fieldset>
  )
}

interface ButtonProps {
  readonly control: Control
  readonly icon: IconName
  /** What it switches is off. */
  readonly off: boolean
  readonly run: () => void
  readonly children: string
}

const Button = ({ control, icon, off, run, children }: ButtonProps) => (
  <button
    type="button"
    class={`button control ${control === 'hangUp' ? 'button--danger' : ''}`}
    data-off={off}
    aria-keyshortcuts={keys[control]}
    onClick={run}
  >
    <Icon name={icon} />
    <span class="control-label">{children}</span>
  </button>
)

/** What the keys do, in words. */
export const KeysHint = ({ texts }: { readonly texts: RoomTexts }) => (
  <p class="keys-hint">{fill(texts.controls.keys, keys)}</p>
)

function useKeys(does: Readonly<Record<Control, () => void>>, can: (control: Control) => boolean): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { altKey, ctrlKey, metaKey, repeat, target } = event
      if (altKey || ctrlKey || metaKey || repeat || event.defaultPrevented) return
      // Letters choose in a list.
      if (target instanceof Element && target.closest('select, input, textarea')) return
      const control = controls.find((one) => keys[one] === event.key.toUpperCase())
      if (!control || !can(control)) return
      event.preventDefault()
      does[control]()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  })
}

const controls = Object.keys(keys) as readonly Control[]
