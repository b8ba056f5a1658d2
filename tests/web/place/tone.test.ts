import { afterEach, expect, test, vi } from 'vitest'
import { prepareTone } from '../../../web/place/tone.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A browser's sound, as far as the tone needs it. @param ends whether it says of a note that it is over. */
function sound({ state, ends }: { readonly state: AudioContextState; readonly ends: boolean }) {
  vi.useFakeTimers()
  const played: number[] = []
  const closed: unknown[] = []
  class Note {
    readonly frequency: number
    constructor(_: unknown, { frequency }: { readonly frequency: number }) {
      this.frequency = frequency
    }
    connect() {}
    start() {
      played.push(this.frequency)
    }
    stop() {}
    addEventListener(_: string, hear: () => void) {
      if (ends) setTimeout(hear, 500)
    }
  }
  class Context {
    readonly state = state
    readonly currentTime = 0
    readonly destination = {}
    resume = async () => {}
    async close() {
      if (closed.includes(this)) throw new Error('it is closed already')
      closed.push(this)
    }
    createGain = () => ({ gain: { value: 1 }, connect: () => {} })
  }
  vi.stubGlobal('AudioContext', Context)
  vi.stubGlobal('OscillatorNode', Note)
  return { played, closed }
}

/** Whether it has sounded so many ms after it began to. */
async function isOverAfter(ms: number) {
  let isOver = false
  void prepareTone()
    .play()
    .then(() => {
      isOver = true
    })
  await vi.advanceTimersByTimeAsync(ms)
  return isOver
}

test('PV2.5 whoever is answered hears two notes, and is not kept from the room by a sound that never ends or cannot be', async () => {
  const { played } = sound({ state: 'running', ends: true })
  expect(await isOverAfter(499)).toBe(false)
  expect(await isOverAfter(500)).toBe(true)
  expect(played).toEqual([660, 880, 660, 880])
  sound({ state: 'running', ends: false })
  expect(await isOverAfter(999)).toBe(false)
  expect(await isOverAfter(1_000)).toBe(true)
  const { played: silent } = sound({ state: 'suspended', ends: false })
  expect(await isOverAfter(0)).toBe(true)
  expect(silent).toEqual([])
  vi.stubGlobal('AudioContext', undefined)
  expect(await isOverAfter(0)).toBe(true)
})

test('PV2.5 the sound of a call is given back once it has sounded, or its call came to nothing', async () => {
  const { closed } = sound({ state: 'running', ends: true })
  expect(await isOverAfter(500)).toBe(true)
  expect(closed).toHaveLength(1)
  const unused = prepareTone()
  unused.close()
  unused.close()
  expect(closed).toHaveLength(2)
  // Nothing sounds by it after that.
  await unused.play()
  vi.stubGlobal('AudioContext', undefined)
  prepareTone().close()
})
