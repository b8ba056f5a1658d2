import type { RefObject } from 'preact'
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
  useEffect(() => {
    // Safari pauses the pictures of a page that is not seen, and some stay so.
    const goOn = () => {
      if (document.visibilityState === 'visible' && video.current?.paused)
        video.current.play().catch(() => undefined)
    }
    document.addEventListener('visibilitychange', goOn)
    return () => document.removeEventListener('visibilitychange', goOn)
  }, [])
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
  /** What plays it, for the button that has it tried again: a browser lets it play in the press itself. */
  readonly audio: RefObject<HTMLAudioElement | null>
  /** Told of the track that the browser keeps silent, and of none once it plays. */
  readonly onSilenced: (track: MediaStreamTrack | null) => void
}

/**
 * Lets a track be heard, by an element of its own: a picture that never comes keeps no sound waiting. A browser may refuse that
 * until something is pressed, and pause it at any later time: for a headset that is unplugged, a key, another program.
 */
export function Sound({ track, audio, onSilenced }: SoundProps) {
  useEffect(() => {
    const element = audio.current
    if (!element) return
    element.srcObject = new MediaStream([track])
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') onSilenced(track)
    })
  }, [track, audio, onSilenced])
  return (
    // biome-ignore lint/a11y/useMediaCaption: what somebody says at this moment has no captions
    <audio
      ref={audio}
      autoPlay
      onPlaying={() => onSilenced(null)}
      // The end of a track pauses it too.
      onPause={() => track.readyState === 'live' && onSilenced(track)}
    />
  )
}
