import type { ComponentType, FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** A part of a page, drawn once it is there. */
export type Lazy<P> = FunctionComponent<P> & {
  /** Loads it before it is drawn. */
  readonly load: () => Promise<ComponentType<P>>
  readonly isLoaded: () => boolean
}

/**
 * A part that has files of its own, which a page that opens does not wait for. Of an extension that was updated meanwhile
 * they may be gone: that is said.
 */
export function lazily<P extends object>(fetched: () => Promise<ComponentType<P>>): Lazy<P> {
  let loading: Promise<ComponentType<P>> | undefined
  let there: ComponentType<P> | undefined
  const load = () => {
    loading ??= fetched().then(
      (part) => {
        there = part
        return part
      },
      (fault: unknown) => {
        loading = undefined
        throw fault
      },
    )
    return loading
  }
  function Part(props: P) {
    const [Loaded, setLoaded] = useState(() => there)
    const [failed, setFailed] = useState(false)
    useEffect(() => {
      if (Loaded) return
      let gone = false
      load().then(
        (part) => gone || setLoaded(() => part),
        () => gone || setFailed(true),
      )
      return () => {
        gone = true
      }
    }, [])
    if (Loaded) return <Loaded {...props} />
    return failed ? (
      <p role="alert" class="nobody">
        Reachable was updated meanwhile. Close this and open it again.
      </p>
    ) : (
      <div class="people-loading" aria-busy="true" />
    )
  }
  return Object.assign(Part, { load, isLoaded: () => there !== undefined })
}
