import { useEffect, useRef } from 'preact/hooks'
import { openLevel } from '../level.ts'
import { Icon } from './Icon.tsx'

interface Props {
  readonly track: MediaStreamTrack
  readonly label: string
}

/** So often it is looked how loud it is, in ms. */
const lookEvery = 80

/** A bar that is as long as it is loud. Nobody wants it read out: that it moves is what it says. */
export function LevelMeter({ track, label }: Props) {
  const bar = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const level = openLevel(track)
    const looking = setInterval(() => {
      if (bar.current) bar.current.style.setProperty('--level', level.read().toFixed(3))
    }, lookEvery)
    return () => {
      clearInterval(looking)
      level.close()
    }
  }, [track])
  return (
    <div class="level" role="img" aria-label={label}>
      <Icon name="microphone" />
      <div class="level-way">
        <div class="level-bar" ref={bar} />
      </div>
    </div>
  )
}
