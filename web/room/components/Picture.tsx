import { useEffect, useRef } from 'preact/hooks'

interface PictureProps {
  readonly track: MediaStreamTrack
  readonly label: string
  /** As in a mirror, which is how people know themselves. */
  readonly mirrored?: boolean
  /** All of it has to be seen: a screen with words on it. */
  readonly whole?: boolean
}

/** What a track shows; it makes no sound. */
export function Picture({ track, label, mirrored = false, whole = false }: PictureProps) {
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    if (video.current) video.current.srcObject = new MediaStream([track])
  }, [track])
  return (
    <video
      ref={video}
      class="picture"
      data-mirrored={mirrored}
      data-whole={whole}
      aria-label={label}
      autoPlay
      playsInline
      muted
    />
  )
}

interface SoundProps {
  readonly track: MediaStreamTrack
  /** Whether the browser plays it. */
  readonly onPlaying: (plays: boolean) => void
  /** Another number has it tried again. */
  readonly attempt: number
}

/** Lets a track be heard, by an element of its own: a picture that never comes keeps no sound waiting. */
export function Sound({ track, onPlaying, attempt }: SoundProps) {
  const audio = useRef<HTMLAudioElement>(null)
  useEffect(() => {
    const element = audio.current
    if (!element) return
    let isThis = true
    element.srcObject = new MediaStream([track])
    element.play().then(
      () => isThis && onPlaying(true),
      (error: unknown) =>
        isThis && onPlaying(!(error instanceof DOMException && error.name === 'NotAllowedError')),
    )
    return () => {
      isThis = false
    }
  }, [track, attempt, onPlaying])
  // biome-ignore lint/a11y/useMediaCaption: what somebody says at this moment has no captions
  return <audio ref={audio} autoPlay />
}
