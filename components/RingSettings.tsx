import { useEffect, useRef } from 'preact/hooks'
import { playSound, type RingSound, type RingTone, ringTimes } from '../messages/ring-sound.ts'
import type { Asker } from './page-props.ts'
import { useSetting } from './use-setting.ts'
import './RingSettings.css'

interface Props {
  readonly settings: RingSound
  readonly ask: Asker
}

const tones: Readonly<Record<RingTone, string>> = { ring: 'Bell', chime: 'Chime', phone: 'Telephone' }

const times: Readonly<Record<RingSound['ringTimes'], string>> = {
  0: 'For as long as a call rings',
  3: 'Three times',
  1: 'Once',
}

/** How a ring sounds: which tone, how loud and how often. */
export function RingSettings({ settings, ask }: Props) {
  const tone = useSetting(settings.ringTone, (ringTone) => ask('set-settings', { ringTone }))
  const volume = useSetting(settings.ringVolume, (ringVolume) => ask('set-settings', { ringVolume }))
  const often = useSetting(settings.ringTimes, (chosen) => ask('set-settings', { ringTimes: chosen }))
  const stop = useRef(() => {})
  useEffect(() => () => stop.current(), [])
  const listen = () => {
    stop.current()
    stop.current = playSound(tone.value, volume.value, 1)
  }
  const error = tone.error ?? volume.error ?? often.error
  return (
    <div class="ring-settings">
      <div class="field">
        <label for="ring-tone">Tone</label>
        <div class="ring-tone">
          <select
            id="ring-tone"
            value={tone.value}
            aria-describedby="ring-error"
            onChange={(event) => tone.change(event.currentTarget.value as RingTone)}
          >
            {Object.entries(tones).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
          <button type="button" class="button" onClick={listen}>
            Listen
          </button>
        </div>
      </div>
      <div class="field">
        <label for="ring-volume">Volume</label>
        <div class="ring-volume">
          <input
            id="ring-volume"
            type="range"
            min={0}
            max={100}
            step={10}
            value={volume.value}
            aria-valuetext={`${volume.value} %`}
            aria-describedby="ring-error ring-silent"
            onChange={(event) => volume.change(Number(event.currentTarget.value))}
          />
          <span aria-hidden="true">{volume.value} %</span>
        </div>
        <p id="ring-silent" class="field-hint">
          {volume.value === 0 && 'Calls make no sound here: only a window and a notification tell of them.'}
        </p>
      </div>
      <div class="field">
        <label for="ring-times">Play the tone</label>
        <select
          id="ring-times"
          value={String(often.value)}
          aria-describedby="ring-error"
          onChange={(event) => often.change(Number(event.currentTarget.value) as RingSound['ringTimes'])}
        >
          {ringTimes.map((value) => (
            <option key={value} value={String(value)}>
              {times[value]}
            </option>
          ))}
        </select>
      </div>
      <div role="alert" id="ring-error" class="field-error">
        {error}
      </div>
    </div>
  )
}
