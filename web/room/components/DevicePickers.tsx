import { fill } from '../../page/fill.ts'
import type { Device, DeviceKind, MediaView } from '../media.ts'
import type { RoomTexts } from '../texts.ts'

interface Props {
  readonly media: MediaView
  readonly texts: RoomTexts
  readonly choose: (kind: DeviceKind, id: string) => void
}

/** Which microphone and which camera, where there is more than none to choose from. */
export const DevicePickers = ({ media, texts, choose }: Props) => (
  <>
    <Picker kind="microphone" all={media.microphones} {...{ media, texts, choose }} />
    <Picker kind="camera" all={media.cameras} {...{ media, texts, choose }} />
  </>
)

interface PickerProps extends Props {
  readonly kind: DeviceKind
  readonly all: readonly Device[]
}

function Picker({ kind, all, media, texts, choose }: PickerProps) {
  if (all.length === 0) return null
  const label = texts.devices[kind]
  const chosen = media.chosen[kind]
  return (
    <div class="field">
      <label for={`pick-${kind}`}>{label}</label>
      <select
        id={`pick-${kind}`}
        value={all.some(({ id }) => id === chosen) ? (chosen ?? '') : all[0]?.id}
        onChange={({ currentTarget }) => choose(kind, currentTarget.value)}
      >
        {all.map(({ id, label: name }, at) => (
          <option key={id} value={id}>
            {name || fill(texts.devices.unnamed, { kind: label, number: String(at + 1) })}
          </option>
        ))}
      </select>
    </div>
  )
}
