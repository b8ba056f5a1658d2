import { expect, test, vi } from 'vitest'
import { isHeard, isSeen, isShared, type MediaView, openMedia } from '../../../web/room/media.ts'
import { desk, fakeDevices, headset, webcam } from './fake-devices.ts'

function storage(): Storage {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  } as unknown as Storage
}

function side(devices = fakeDevices([headset, desk, webcam]), kept = storage()) {
  const views: MediaView[] = []
  const media = openMedia({
    devices: devices.media,
    storage: kept,
    onChange: (view) => void views.push(view),
  })
  return { devices, media, views, kept }
}

test('RM10.1 nothing is asked for by itself, and no device is looked at', () => {
  const { devices, media } = side()
  expect([devices.asked, media.view().microphone, media.view().camera]).toEqual([[], 'untried', 'untried'])
})

test('RM10.2 who tries them out sees what there is by name, and joins with what they saw', async () => {
  const { devices, media, kept } = side()
  await media.tryOut()
  expect(devices.asked).toEqual(['audio+video'])
  expect(media.view()).toMatchObject({
    ...{ microphone: 'on', camera: 'on', chosen: { microphone: 'headset', camera: 'webcam' } },
    microphones: [
      { id: 'headset', label: 'Headset' },
      { id: 'desk', label: 'Desk microphone' },
    ],
    cameras: [{ id: 'webcam', label: 'Webcam' }],
  })
  await media.capture()
  expect(devices.asked).toEqual(['audio+video'])
  expect(devices.live()).toEqual(['headset', 'webcam'])
  media.stop()
  expect(devices.live()).toEqual([])
  // The next time the camera is as it was left.
  const next = side(fakeDevices([headset, webcam]), kept)
  await next.media.capture()
  expect(next.devices.asked).toEqual(['audio+video'])
})

test('RM10.2 the first time the camera is off, and off again where it was left so', async () => {
  const { devices, media, kept } = side()
  await media.capture()
  expect([devices.asked, media.view().camera, media.view().video]).toEqual([['audio'], 'off', null])
  await media.setCamera(true)
  expect(devices.live()).toEqual(['headset', 'webcam'])
  await media.setCamera(false)
  expect([devices.live(), media.view().camera]).toEqual([['headset'], 'off'])
  const next = side(fakeDevices([headset, webcam]), kept)
  await next.media.capture()
  expect(next.devices.asked).toEqual(['audio'])
})

test('RM10.3 where a browser gives not all at once it is asked for one after the other, and what is missing is told apart', async () => {
  const noCamera = side(fakeDevices([headset]))
  await noCamera.media.tryOut()
  expect(noCamera.devices.asked).toEqual(['audio+video', 'audio', 'video'])
  expect(noCamera.media.view()).toMatchObject({ microphone: 'on', camera: 'none' })

  const nothing = side(fakeDevices([]))
  await nothing.media.capture()
  expect(nothing.media.view()).toMatchObject({ microphone: 'none', camera: 'off', audio: null })

  const refused = side()
  refused.devices.refuse('audio', 'NotAllowedError')
  refused.devices.refuse('video', 'NotReadableError')
  await refused.media.tryOut()
  expect(refused.media.view()).toMatchObject({ microphone: 'blocked', camera: 'busy' })
  // Who wants to speak after all is asked again.
  refused.devices.allow('audio')
  await refused.media.setMuted(false)
  expect(refused.media.view()).toMatchObject({ microphone: 'on', muted: false })

  const insecure = openMedia({ devices: undefined, storage: storage(), onChange: () => {} })
  await insecure.capture()
  expect(insecure.view()).toMatchObject({ microphone: 'blocked', canShare: false })
})

test('RM10.3 who waits no longer for what is asked for is a listener until they say otherwise, whatever is given after that', async () => {
  const { devices, media, kept } = side()
  await media.setCamera(true)
  media.stop()
  const next = side(devices, kept)
  const give = next.devices.hold()
  const captured = next.media.capture()
  await vi.waitFor(() => expect(next.devices.asked.at(-1)).toBe('audio+video'))
  next.media.listen()
  expect(next.media.view()).toMatchObject({ muted: true, camera: 'off' })
  give()
  await captured
  expect(next.devices.live()).toEqual(['headset'])
  expect(next.devices.tracks.at(-2)?.enabled).toBe(false)
  expect(next.media.view()).toMatchObject({ microphone: 'on', muted: true, camera: 'off', video: null })
  await next.media.setMuted(false)
  await next.media.setCamera(true)
  expect(next.devices.live()).toEqual(['headset', 'webcam'])
  expect(isHeard(next.media.view()) && isSeen(next.media.view())).toBe(true)
})

test('RM10.3 what was tried out already is sent all the same', async () => {
  const { devices, media } = side(fakeDevices([headset, webcam]))
  await media.tryOut()
  media.listen()
  expect([media.view().muted, devices.live()]).toEqual([false, ['headset', 'webcam']])
})

test('RM13.1 who is muted sends silence from the same microphone, also one that is chosen meanwhile', async () => {
  const { devices, media } = side()
  await media.capture()
  const [first] = devices.tracks
  await media.setMuted(true)
  expect([first?.enabled, first?.readyState]).toEqual([false, 'live'])
  await media.choose('microphone', 'desk')
  expect(devices.live()).toEqual(['desk'])
  expect(devices.tracks.at(-1)?.enabled).toBe(false)
  await media.setMuted(false)
  expect(devices.tracks.at(-1)?.enabled).toBe(true)
  expect(media.view().chosen.microphone).toBe('desk')
})

test('RM13.1 a device that is gone gives way to another, and it is said; one that is plugged in is there to be chosen', async () => {
  const { devices, media } = side(fakeDevices([headset, desk]))
  await media.capture()
  devices.plug([desk])
  devices.tracks[0]?.end()
  await vi.waitFor(() => expect(devices.live()).toEqual(['desk']))
  await vi.waitFor(() =>
    expect(media.view()).toMatchObject({
      microphone: 'on',
      lost: 'microphone',
      microphones: [{ id: 'desk' }],
    }),
  )
  // Whoever does something about it has read it.
  await media.setMuted(false)
  expect(media.view().lost).toBeNull()
  devices.plug([])
  devices.tracks[1]?.end()
  await vi.waitFor(() => expect(media.view()).toMatchObject({ microphone: 'none', audio: null }))
  devices.plug([headset])
  await vi.waitFor(() =>
    expect(media.view()).toMatchObject({ microphone: 'untried', microphones: [{ id: 'headset' }] }),
  )
})

test('RM13.1 a screen is shared as long as the person wants, or until the browser’s own button ends it', async () => {
  const { devices, media } = side()
  await media.capture()
  await media.setSharing(true)
  expect(media.view()).toMatchObject({ screen: { deviceId: 'screen', contentHint: 'detail' } })
  await media.setSharing(false)
  expect([isShared(media.view()), devices.live()]).toEqual([false, ['headset']])
  await media.setSharing(true)
  devices.tracks.at(-1)?.end()
  expect(media.view()).toMatchObject({ screen: null })
  devices.refuse('screen', 'NotAllowedError')
  await media.setSharing(true)
  expect(isShared(media.view())).toBe(false)
})

test('RM13.1 what is switched off is let go of at once, also while the browser asks for something else', async () => {
  const { devices, media, kept } = side()
  await media.setCamera(true)
  await media.setSharing(true)
  expect(devices.live()).toEqual(['webcam', 'screen'])
  const give = devices.hold()
  const asking = media.setMuted(false)
  await vi.waitFor(() => expect(devices.asked.at(-1)).toBe('audio'))
  void media.setSharing(false)
  void media.setCamera(false)
  expect([devices.live(), media.view().camera, isShared(media.view())]).toEqual([[], 'off', false])
  give()
  await asking
  expect(devices.live()).toEqual(['headset'])
  const next = side(fakeDevices([headset, webcam]), kept)
  await next.media.capture()
  expect(next.devices.asked).toEqual(['audio'])
})

test('RM13.1 what was asked for and is not wanted any more is let go of as it comes, or not asked for', async () => {
  const { devices, media } = side()
  const give = devices.hold()
  const both = media.tryOut()
  await vi.waitFor(() => expect(devices.asked).toEqual(['audio+video']))
  const more = [media.setCamera(true), media.setSharing(true), media.setSharing(true)]
  void media.setCamera(false)
  give()
  await Promise.all([both, ...more])
  // The screen is asked for once, however often it was pressed.
  expect(devices.asked).toEqual(['audio+video', 'screen'])
  expect([devices.live(), media.view().camera]).toEqual([['headset', 'screen'], 'off'])
  await media.setSharing(false)
  const giveScreen = devices.hold()
  const sharing = media.setSharing(true)
  await vi.waitFor(() => expect(devices.asked).toHaveLength(3))
  void media.setSharing(false)
  giveScreen()
  await sharing
  expect([devices.live(), isShared(media.view())]).toEqual([['headset'], false])
})

test('RM13.1 a camera that was switched off while it was refused is off, and that is no trouble', async () => {
  const { devices, media } = side()
  devices.refuse('video', 'NotAllowedError')
  const give = devices.hold()
  const asking = media.setCamera(true)
  await vi.waitFor(() => expect(devices.asked).toEqual(['video']))
  void media.setCamera(false)
  give()
  await asking
  expect(media.view().camera).toBe('off')
})

test('RM13.1 a device that is gone is told of at once, also while the browser asks for something else', async () => {
  const { devices, media } = side()
  await media.setCamera(true)
  const give = devices.hold()
  const asking = media.setMuted(false)
  await vi.waitFor(() => expect(devices.asked.at(-1)).toBe('audio'))
  devices.tracks[0]?.end()
  expect(media.view()).toMatchObject({ lost: 'camera', camera: 'asking', video: null })
  give()
  await asking
  await vi.waitFor(() => expect(media.view()).toMatchObject({ lost: 'camera', camera: 'on' }))
  // Who switches it off meanwhile is asked for none.
  const giveAgain = devices.hold()
  const choosing = media.choose('microphone', 'desk')
  await vi.waitFor(() => expect(devices.asked.at(-1)).toBe('audio'))
  devices.tracks.find(({ kind, readyState }) => kind === 'video' && readyState === 'live')?.end()
  void media.setCamera(false)
  const asked = devices.asked.length
  giveAgain()
  await choosing
  await media.choose('camera', 'webcam')
  expect([devices.asked.length, media.view().camera]).toEqual([asked, 'off'])
})

test('RM13.1 what the machine itself silences is told, for as long as it does and the device is used', async () => {
  const { devices, media } = side()
  await media.tryOut()
  const [microphone, camera] = devices.tracks
  const silenced = () => media.view().silenced
  expect(silenced()).toEqual({ microphone: false, camera: false })
  microphone?.silence(true)
  expect(silenced()).toEqual({ microphone: true, camera: false })
  expect([isHeard(media.view()), isSeen(media.view())]).toEqual([false, true])
  camera?.silence(true)
  microphone?.silence(false)
  expect(silenced()).toEqual({ microphone: false, camera: true })
  expect([isHeard(media.view()), isSeen(media.view())]).toEqual([true, false])
  await media.setMuted(true)
  expect(isHeard(media.view())).toBe(false)
  await media.setCamera(false)
  camera?.silence(true)
  expect(silenced()).toEqual({ microphone: false, camera: false })
})

/** Whose machine silenced their microphone, as a phone does for a call, and who is muted. */
async function silencedAndMuted() {
  const one = side()
  await one.media.capture()
  one.devices.tracks[0]?.silence(true)
  await one.media.setMuted(true)
  return one
}

test('RM13.1 a microphone that its machine silenced is had anew by Mute and Unmute, and is heard once it is there', async () => {
  const { devices, media, views } = await silencedAndMuted()
  expect([devices.asked, devices.live()]).toEqual([['audio'], ['headset']])
  const give = devices.hold()
  const before = views.length
  const asking = media.setMuted(false)
  await vi.waitFor(() => expect(devices.asked).toEqual(['audio', 'audio']))
  // First let go of: two of one device are silent together.
  expect([devices.live(), media.view().microphone]).toEqual([[], 'asking'])
  expect(views.slice(before).filter(isHeard)).toEqual([])
  give()
  await asking
  expect([devices.live(), devices.tracks.at(-1)?.enabled]).toEqual([['headset'], true])
  expect(isHeard(media.view())).toBe(true)
})

test('RM13.1 who is muted again before the microphone is had anew stays so, and one that is heard again by itself is kept', async () => {
  const again = await silencedAndMuted()
  const give = again.devices.hold()
  const asking = again.media.setMuted(false)
  await vi.waitFor(() => expect(again.devices.asked).toHaveLength(2))
  await again.media.setMuted(true)
  give()
  await asking
  expect([again.devices.live(), again.devices.tracks.at(-1)?.enabled]).toEqual([['headset'], false])
  expect(isHeard(again.media.view())).toBe(false)

  for (const meanwhile of ['muted', 'heard'] as const) {
    const { devices, media } = await silencedAndMuted()
    const giveCamera = devices.hold()
    const camera = media.setCamera(true)
    const unmuting = media.setMuted(false)
    if (meanwhile === 'muted') await media.setMuted(true)
    else devices.tracks[0]?.silence(false)
    giveCamera()
    await Promise.all([camera, unmuting])
    expect([devices.asked, devices.live()]).toEqual([
      ['audio', 'video'],
      ['headset', 'webcam'],
    ])
  }
})

test('RM13.1 RM12.4 a microphone that is refused as it is to be had anew is told of as any other, and none comes after the end', async () => {
  const refused = await silencedAndMuted()
  refused.devices.refuse('audio', 'NotReadableError')
  await refused.media.setMuted(false)
  expect(refused.media.view()).toMatchObject({ microphone: 'busy', audio: null })
  expect(refused.media.view().silenced.microphone).toBe(false)
  expect(isHeard(refused.media.view())).toBe(false)

  const over = await silencedAndMuted()
  const give = over.devices.hold()
  const asking = over.media.setMuted(false)
  await vi.waitFor(() => expect(over.devices.asked).toHaveLength(2))
  over.media.stop()
  give()
  await asking
  expect([over.devices.tracks.length, over.devices.live()]).toEqual([2, []])
})

test('RM12.4 who hangs up while the browser asks for both is asked for neither by itself', async () => {
  const { devices, media } = side(fakeDevices([headset]))
  const give = devices.hold()
  const capturing = media.tryOut()
  await vi.waitFor(() => expect(devices.asked).toEqual(['audio+video']))
  media.stop()
  give()
  await capturing
  expect(devices.asked).toEqual(['audio+video'])
})

test('RM12.4 after the end nothing is captured any more, nor what was asked for before and comes late', async () => {
  const { devices, media } = side()
  const give = devices.hold()
  const capturing = media.tryOut()
  await vi.waitFor(() => expect(devices.asked).toEqual(['audio+video']))
  media.stop()
  give()
  await capturing
  expect(devices.tracks).toHaveLength(2)
  expect(devices.live()).toEqual([])
  await media.setCamera(true)
  await media.setSharing(true)
  await media.setMuted(false)
  expect(devices.asked).toEqual(['audio+video'])
})

test('RM10.2 what is kept and cannot be read, and a browser that keeps nothing, are as the first time', async () => {
  for (const kept of ['no JSON', '5', '{"camera":"yes"}']) {
    const media = openMedia({
      devices: fakeDevices([headset, webcam]).media,
      storage: {
        getItem: () => kept,
        setItem: () => {
          throw new DOMException('full', 'QuotaExceededError')
        },
      },
      onChange: () => {},
    })
    await media.capture()
    expect(media.view()).toMatchObject({ microphone: 'on', camera: 'off' })
  }
})
