import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import { fill } from '../../page/fill.ts'
import { isShared, type MediaView } from '../media.ts'
import type { RoomActions } from '../open-room.ts'
import type { RoomTexts } from '../texts.ts'
import { Icon, type IconName } from './Icon.tsx'

/** Without any other key: nothing is typed on this page. By what is printed on the key, so that what is shown is so. */
export const keys = { mute: 'M', camera: 'V', share: 'S', hangUp: 'H' } as const

type Control = keyof typeof keys

/** So long the key that ends the call is asked for again, in ms. */
const asksFor = 3_000

interface Props {
  readonly media: MediaView
  readonly texts: RoomTexts
  readonly act: Pick<RoomActions, 'setMuted' | 'setCamera' | 'setSharing' | 'hangUp'>
  /** Whether what happens in a call can be done already. */
  readonly isIn: boolean
  readonly hasKeys: boolean
  /** What else there is, before the end. */
  readonly children?: ComponentChildren
}

const canShareIn = ({ media, isIn }: Pick<Props, 'media' | 'isIn'>): boolean => isIn && media.canShare

const isMuted = ({ muted, audio }: Pick<MediaView, 'muted' | 'audio'>): boolean => muted || audio === null

/** Mute, camera, screen and hanging up, by buttons and by keys. */
export function Controls({ media, texts, act, isIn, hasKeys, children }: Props) {
  const { controls } = texts
  const muted = isMuted(media)
  const hasCamera = media.video !== null
  const shares = isShared(media)
  const does: Readonly<Record<Control, () => void>> = {
    mute: () => act.setMuted(!muted),
    camera: () => act.setCamera(!hasCamera),
    share: () => act.setSharing(!shares),
    hangUp: act.hangUp,
  }
  const canShare = canShareIn({ media, isIn })
  const [asks, ask] = useQuestion()
  // It ends the call for both, for good: whoever means to type elsewhere loses nothing by one letter.
  const byKey = { ...does, hangUp: asks ? act.hangUp : ask }
  useKeys(byKey, (control) => hasKeys && (control !== 'share' || canShare))
  const shortcut = (control: Exclude<Control, 'hangUp'>) => (hasKeys ? keys[control] : undefined)
  return (
    <>
      <p class="asks-again" role="status">
        {asks && hasKeys && fill(controls.again, keys)}
      </p>
      <fieldset class="controls">
        <legend class="for-readers">{controls.label}</legend>
        <Button
          shortcut={shortcut('mute')}
          icon={muted ? 'silent' : 'microphone'}
          off={muted}
          run={does.mute}
        >
          {muted ? controls.unmute : controls.mute}
        </Button>
        <Button
          shortcut={shortcut('camera')}
          icon={hasCamera ? 'camera' : 'dark'}
          off={!hasCamera}
          run={does.camera}
        >
          {hasCamera ? controls.cameraOff : controls.camera}
        </Button>
        {canShare && (
          <Button shortcut={shortcut('share')} icon="screen" run={does.share}>
            {shares ? controls.stopSharing : controls.share}
          </Button>
        )}
        {children}
        <Button icon="end" isEnd run={does.hangUp}>
          {controls.hangUp}
        </Button>
      </fieldset>
    </>
  )
}

interface ButtonProps {
  /** A key that does the same at once. */
  readonly shortcut?: string | undefined
  readonly icon: IconName
  /** What it switches is off. */
  readonly off?: boolean
  /** It ends the call. */
  readonly isEnd?: boolean
  readonly run: () => void
  readonly children: string
}

const Button = ({ shortcut, icon, off = false, isEnd = false, run, children }: ButtonProps) => (
  <button
    type="button"
    class={`button control ${isEnd ? 'button--danger' : ''}`}
    data-off={off}
    aria-keyshortcuts={shortcut}
    onClick={run}
  >
    <Icon name={icon} />
    <span class="control-label">{children}</span>
  </button>
)

interface KeysHintProps extends Pick<Props, 'media' | 'texts' | 'isIn' | 'hasKeys'> {
  readonly act: Pick<RoomActions, 'setKeys'>
}

/** What the keys do, in words; and a way to have none, for those whose words or hands press keys that they do not mean. */
export function KeysHint({ media, texts, act, isIn, hasKeys }: KeysHintProps) {
  const { controls } = texts
  const hint = canShareIn({ media, isIn }) ? controls.keys : controls.keysWithoutShare
  return (
    <p class="keys-hint">
      {hasKeys && <>{fill(hint, keys)} </>}
      <button type="button" class="link" onClick={() => act.setKeys(!hasKeys)}>
        {hasKeys ? controls.keysOff : controls.keysOn}
      </button>
    </p>
  )
}

/** @returns whether the key is asked for again, until that is over or something else is typed; and what asks. */
function useQuestion(): readonly [asks: boolean, ask: () => void] {
  const [asks, setAsks] = useState(false)
  useEffect(() => {
    if (!asks) return
    const end = () => setAsks(false)
    const ending = setTimeout(end, asksFor)
    const onKey = ({ key }: KeyboardEvent) => {
      // The others, as Shift or Tab, have names.
      if (key.length === 1 && key.toUpperCase() !== keys.hangUp) end()
    }
    document.addEventListener('keydown', onKey)
    return () => {
      clearTimeout(ending)
      document.removeEventListener('keydown', onKey)
    }
  }, [asks])
  return [asks, () => setAsks(true)]
}

function useKeys(does: Readonly<Record<Control, () => void>>, can: (control: Control) => boolean): void {
  // With what is drawn, and not after it: what it says of a key is so.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { altKey, ctrlKey, metaKey, shiftKey, repeat, target } = event
      if (altKey || ctrlKey || metaKey || shiftKey || repeat || event.defaultPrevented) return
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
