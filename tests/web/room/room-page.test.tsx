// @vitest-environment happy-dom
import { act } from 'preact/test-utils'
import { afterEach, expect, test, vi } from 'vitest'
import type { RoomState } from '../../../protocol/room.ts'
import type { End } from '../../../web/room/room-reducer.ts'
import {
  button,
  buttons,
  click,
  drawRoom,
  inUse,
  letIn,
  meeting,
  plays,
  press,
  said,
  text,
  trackOf,
  untried,
} from './draw-room.tsx'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const waits = 'Waiting for your devices. Your browser may be asking whether this page may use them.'

const state = { joined: true, muted: false, camera: true, sharing: false }

test('RM10.1 RM10.2 before Join the page says whose call it is and whether they are there, has the heading in focus, and nothing of anybody to show', async () => {
  const acts = await drawRoom(letIn())
  expect(document.activeElement?.textContent).toBe('Your call with Ben Sample')
  expect(said()).toContain('Ben Sample is not here yet.')
  expect(document.querySelector('video, audio')).toBeNull()
  expect(document.title).toBe('Call with Ben Sample – Reachable')
  await click('Try camera and microphone')
  expect(acts.tryOut).toHaveBeenCalledOnce()
  await click('Join')
  expect(acts.join).toHaveBeenCalledOnce()
  await click('Hang up')
  expect(acts.hangUp).toHaveBeenCalledOnce()
})

test('RM10.2 RM12.1 what is so of the other one is said before Join, and that it is not known once nothing proves it', async () => {
  vi.useFakeTimers()
  const there = { state: { ...state, joined: false }, leftMs: 6_000, connection: 1 }
  const from = { mono: performance.now(), wall: Date.now() }
  await drawRoom(letIn({ other: { ...there, from } }))
  expect(said()).toContain('Ben Sample has the room open, and has not joined yet.')
  await act(() => void vi.advanceTimersByTime(7_000))
  expect(said()).toContain(
    'The server does not answer: whether Ben Sample is here is not known. Trying again…',
  )
  await drawRoom(letIn({ other: { ...there, state, from: { mono: performance.now(), wall: Date.now() } } }))
  expect(said()).toContain('Ben Sample is in the room.')
  await drawRoom(letIn({ gone: 'left' }))
  expect(said()).toContain('Ben Sample has left, and can come back.')
})

test('RM10.2 who tries their devices sees themselves as in a mirror, a bar, and what there is to choose', async () => {
  const microphones = [
    { id: 'headset', label: 'Headset' },
    { id: 'desk', label: '' },
  ]
  const chosen = { microphone: 'headset', camera: null }
  const acts = await drawRoom(letIn(), { media: { ...inUse, microphones, chosen } })
  expect(document.querySelector('video')?.dataset.mirrored).toBe('true')
  expect(document.querySelector('.level')?.getAttribute('aria-label')).toBe(
    'How loud your microphone hears you',
  )
  const [picker] = document.querySelectorAll('select')
  expect([...(picker?.options ?? [])].map(({ textContent }) => textContent)).toEqual([
    'Headset',
    'Microphone 2',
  ])
  await act(() => {
    if (picker) picker.value = 'desk'
    picker?.dispatchEvent(new Event('change', { bubbles: true }))
  })
  expect(acts.choose).toHaveBeenCalledWith('microphone', 'desk')
  expect(buttons()).toEqual(['Join', 'Mute', 'Camera off', 'Hang up', 'Switch these keys off'])
  expect(text()).toContain('Keys: M mutes, V switches the camera, H twice hangs up.')
  await click('Camera off')
  expect(acts.setCamera).toHaveBeenCalledWith(false)
})

test('RM10.3 a person without devices, or who is given none, is told that they listen, and what to do', async () => {
  await drawRoom(letIn(), { media: { ...untried, microphone: 'none', camera: 'none' } })
  expect(text()).toContain('There is no microphone here, so you are a listener')
  expect(text()).toContain('There is no camera here.')
  await drawRoom(letIn(), { media: { ...untried, microphone: 'blocked', camera: 'busy' } })
  expect(text()).toContain('allow it in the browser’s address bar')
  expect(text()).toContain('another program may have it')
  await drawRoom(letIn(), { isSecure: false })
  expect(text()).toContain('it has to begin with https')
  expect(buttons()).toEqual(['Join', 'Hang up'])
  await drawRoom(meeting(), { media: { ...untried, microphone: 'none', camera: 'off' } })
  expect(said()).toContainEqual(expect.stringContaining('you are a listener'))
  expect(text()).toContain('You are muted')
})

test('RM10.2 while the browser asks, and while Join is under way, that is said and nothing is pressed twice', async () => {
  const asking = { ...untried, microphone: 'asking' } as const
  const acts = await drawRoom(letIn({ joining: 'joining' }), { media: asking })
  expect(said()).toContain(waits)
  await click('Joining…')
  expect(acts.join).not.toHaveBeenCalled()
})

test('RM14.4 that Join is under way is said, also to who hears the page', async () => {
  await drawRoom(letIn({ joining: 'joining' }))
  expect(said()).toContain('Joining…')
})

test('RM14.4 whose button goes away as it is pressed is at the heading, and not at the beginning of the page', async () => {
  await drawRoom(letIn())
  button('Try camera and microphone').focus()
  await drawRoom(letIn(), { media: { ...untried, microphone: 'asking' } })
  expect(document.activeElement?.textContent).toBe('Your call with Ben Sample')
  // Who is elsewhere stays there.
  button('Join').focus()
  await drawRoom(letIn(), { media: inUse })
  expect(document.activeElement?.textContent).toBe('Join')
})

test('RM14.4 each change of microphone, camera and screen is said once, by one element that is there before and after Join', async () => {
  const listening = () => document.querySelector('.for-readers[role=status]')
  await drawRoom(letIn(), { media: untried })
  const status = listening()
  expect(status?.textContent).toBe('')
  await drawRoom(letIn(), { media: inUse })
  expect(status?.textContent).toBe('You are not muted any more. Your camera is on')
  await drawRoom(meeting(), { media: inUse })
  await drawRoom(meeting(), { media: { ...inUse, muted: true } })
  expect(status?.textContent).toBe('You are muted')
  await drawRoom(meeting(), { media: { ...inUse, muted: true, screen: trackOf('video') } })
  expect(status?.textContent).toBe('You share your screen')
  await drawRoom(meeting(), { media: { ...inUse, muted: true, camera: 'off', video: null } })
  expect(status?.textContent).toBe('Your camera is off. You do not share your screen any more')
  expect(listening()).toBe(status)
  await drawRoom(meeting({ end: 'hungUp', meeting: null }), { media: untried })
  expect(listening()).toBeNull()
})

test('RM10.3 who has not answered what the browser asks can come in as a listener, and is told in the call that it is still waited for', async () => {
  const asking = { ...untried, microphone: 'asking' } as const
  await drawRoom(letIn(), { media: asking })
  expect(buttons()).not.toContain('Join as a listener')
  const acts = await drawRoom(letIn({ joining: 'joining' }), { media: asking })
  await click('Join as a listener')
  expect(acts.listen).toHaveBeenCalledOnce()
  await drawRoom(meeting(), { media: asking })
  expect(said()).toEqual([waits])
  expect(text()).toContain('You are muted')
})

test('RM10.3 where a browser makes no calls at all that is said, and nobody joins by it', async () => {
  await drawRoom(letIn(), { canMeet: false })
  expect(said()).toContainEqual(expect.stringContaining('WebRTC is off in it'))
  expect(buttons()).toEqual(['Hang up'])
})

test('RM13.1 a device that is gone is told of, and whether another one has its place', async () => {
  await drawRoom(meeting(), { media: { ...inUse, lost: 'microphone' } })
  expect(said()).toEqual(['The microphone that you used is gone; another one is used now.'])
  await drawRoom(meeting(), { media: { ...inUse, lost: 'camera', video: null, camera: 'none' } })
  expect(text()).toContain('The camera that you used is gone.')
  expect(text()).toContain('There is no camera here.')
})

test('RM13.1 what the device itself silences is said, with what to do, and one is called muted by it', async () => {
  await drawRoom(meeting(), { media: { ...inUse, silenced: { microphone: true, camera: false } } })
  expect(said()).toEqual([expect.stringContaining('Your device itself keeps the microphone silent')])
  expect(text()).toContain('press Mute and then Unmute.')
  expect(text()).toContain('You are muted')
  // The button is for what it switches.
  expect(buttons()).toContain('Mute')
  await drawRoom(meeting(), { media: { ...inUse, silenced: { microphone: false, camera: true } } })
  expect(text()).toContain('Your device itself gives no picture of the camera')
  expect(text()).not.toContain('You are muted')
})

test('RM13.4 in the room the other one is seen, what is so of them is told, and for how long and how well', async () => {
  const incoming = { audio: trackOf('audio'), video: trackOf('video') }
  await drawRoom(meeting(), { media: inUse, incoming })
  expect(document.querySelector('video')?.getAttribute('aria-label')).toBe('The picture of Ben Sample')
  expect(document.querySelector('time')?.textContent).toBe('1:05')
  expect(document.querySelector('.quality')?.textContent).toBe('Connection: good')
  expect(said()).toEqual([])

  const showing = (seen: RoomState) => {
    const other = { state: seen, leftMs: 6_000, connection: 1 }
    return meeting({ seen, other: { ...other, from: { mono: performance.now(), wall: Date.now() } } })
  }
  await drawRoom(showing({ ...state, camera: false, muted: true }), {
    media: inUse,
    incoming,
    quality: 'poor',
    relayed: true,
  })
  expect(document.querySelectorAll('video')).toHaveLength(1)
  expect(text()).toContain('Ben Sample has the camera off')
  expect(text()).toContain('Ben Sample is muted')
  expect(document.querySelector('.stand-in')?.textContent).toBe('BS')
  expect(document.querySelector('.quality')?.textContent).toBe('Connection: poor, by a relay')

  // The last picture of a way that is broken is not how they are now.
  const isFrozen = () => document.querySelector<HTMLElement>('.other')?.dataset.frozen
  expect(isFrozen()).toBe('false')
  await drawRoom(meeting({ way: 'disturbed' }), { media: inUse, incoming })
  expect(isFrozen()).toBe('true')

  const shares = { ...state, camera: false, sharing: true }
  await drawRoom(showing(shares), { media: inUse, incoming })
  expect(document.querySelector('video')?.getAttribute('aria-label')).toBe('The screen of Ben Sample')
  expect(document.querySelector('video')?.dataset.whole).toBe('true')
})

test('RM13.4 RM14.1 a long name stands whole above, and short where it would cover the picture', async () => {
  const name = 'Dr. Wilhelmine-Charlotte von Donaudampfschiff'
  const seen = { ...state, muted: true }
  const other = { state: seen, leftMs: 6_000, connection: 1 }
  const from = { mono: performance.now(), wall: Date.now() }
  const incoming = { audio: trackOf('audio'), video: trackOf('video') }
  await drawRoom(meeting({ name, seen, other: { ...other, from } }), { media: inUse, incoming })
  expect(document.querySelector('h1')?.textContent).toBe(name)
  expect(document.querySelector('.badges')?.textContent).toBe('Dr. Wilhelmine-Charlott… is muted')
})

test('RM13.4 a picture to which no new one comes is dimmed, and that is said', async () => {
  const incoming = { audio: trackOf('audio'), video: trackOf('video') }
  await drawRoom(meeting(), { media: inUse, incoming, motion: 'still' })
  expect(document.querySelector<HTMLElement>('.other')?.dataset.frozen).toBe('true')
  expect(said()).toEqual(['No new picture of Ben Sample arrives.'])
  // Where the way is broken that is said, and why no picture comes follows from it.
  await drawRoom(meeting({ way: 'mending' }), { media: inUse, incoming, motion: 'still' })
  expect(said()).toEqual(['The connection to Ben Sample is broken. A new way is being looked for…'])
})

test('RM12.1 RM13.4 what the other one has off is told while it is proven, and else what arrives shows it', async () => {
  const incoming = { audio: trackOf('audio'), video: trackOf('video') }
  const seen = { ...state, camera: false, muted: true }
  const away = meeting({ seen, proof: null })
  await drawRoom(away, { media: inUse, incoming, motion: 'moving' })
  expect(document.querySelector('.badges')).toBeNull()
  expect(document.querySelectorAll('video')).toHaveLength(2)
  await drawRoom(away, { media: inUse, incoming, motion: 'unknown' })
  expect(document.querySelectorAll('video')).toHaveLength(1)
  await drawRoom(meeting({ proof: null }), { media: inUse, incoming, motion: 'unknown' })
  expect(document.querySelectorAll('video')).toHaveLength(2)
  expect(document.querySelector('.badges')).toBeNull()
})

test.each([
  [{ way: 'connecting' }, 'Connecting to Ben Sample…'],
  [{ way: 'disturbed' }, 'The connection to Ben Sample is disturbed.'],
  [{ way: 'mending' }, 'The connection to Ben Sample is broken. A new way is being looked for…'],
  [{ proof: null }, 'The server does not answer, and is tried again. Your call goes on without it.'],
  [
    { proof: null, way: 'mending' },
    'The server does not answer: whether Ben Sample is here is not known. Trying again…',
  ],
  [{ other: null, meeting: null, gone: null, seen: null }, 'You are in. Ben Sample is not here yet.'],
  [
    { other: null, meeting: null, gone: 'left' },
    'Ben Sample has left, and can come back as long as you stay.',
  ],
  [
    { other: null, way: 'mending', gone: 'silent' },
    'Nothing is heard of Ben Sample any more. If it is their connection, they come back by themselves.',
  ],
] as const)(
  'RM13.4 RM12.1 what is being done is said, and nobody is said to be there of whom nothing proves it: %o',
  async (room, words) => {
    await drawRoom(meeting(room), { media: inUse })
    expect(said()).toEqual([words])
  },
)

test('RM13.2 M, V, S and H twice do what their buttons do, and the page says so', async () => {
  const acts = await drawRoom(meeting(), { media: inUse })
  for (const key of ['m', 'V', 's', 'h', 'H']) await press(key)
  expect(acts.setMuted).toHaveBeenCalledWith(true)
  expect(acts.setCamera).toHaveBeenCalledWith(false)
  expect(acts.setSharing).toHaveBeenCalledWith(true)
  expect(acts.hangUp).toHaveBeenCalledOnce()
  expect(text()).toContain('Keys: M mutes, V switches the camera, S shares the screen, H twice hangs up.')
  for (const [name, key] of [
    ['Mute', 'M'],
    ['Camera off', 'V'],
    ['Share screen', 'S'],
    // One H does not do what the button does.
    ['Hang up', null],
  ] as const)
    expect(button(name).getAttribute('aria-keyshortcuts')).toBe(key)
})

const again = 'Press H again to hang up.'

test('RM13.2 one H ends nothing, and asks for another for three seconds; after that it begins anew', async () => {
  vi.useFakeTimers()
  const acts = await drawRoom(meeting(), { media: inUse })
  await press('h')
  expect(said()).toEqual([again])
  await act(() => void vi.advanceTimersByTime(2_900))
  expect(said()).toEqual([again])
  await act(() => void vi.advanceTimersByTime(200))
  expect(said()).toEqual([])
  await press('h')
  expect([said(), acts.hangUp.mock.calls.length]).toEqual([[again], 0])
  await act(() => void vi.advanceTimersByTime(2_900))
  await press('h')
  expect(acts.hangUp).toHaveBeenCalledOnce()
})

test('RM13.2 whoever types what they meant for elsewhere hangs up by none of it, and the button asks nothing', async () => {
  const acts = await drawRoom(meeting(), { media: inUse })
  for (const key of 'oh, hello there') await press(key)
  expect([said(), acts.hangUp.mock.calls.length]).toEqual([[], 0])
  // What types nothing is in nobody's way.
  for (const key of ['h', 'Control']) await press(key)
  expect(said()).toEqual([again])
  for (const more of [{ shiftKey: true }, { ctrlKey: true }, { repeat: true }]) await press('h', more)
  expect(acts.hangUp).not.toHaveBeenCalled()
  await press('x')
  expect(said()).toEqual([])
  await click('Hang up')
  expect(acts.hangUp).toHaveBeenCalledOnce()
})

test('RM13.2 no key counts that is held, belongs to the browser, or chooses in a list', async () => {
  const microphones = [{ id: 'headset', label: 'Headset' }]
  const acts = await drawRoom(meeting(), { media: { ...inUse, microphones, canShare: false } })
  await click('Devices')
  const picker = document.querySelector('select')
  if (!picker) throw new Error('no list of microphones')
  await press('h', {}, picker)
  await press('h', { ctrlKey: true })
  await press('m', { metaKey: true })
  await press('m', { altKey: true })
  await press('M', { shiftKey: true })
  await press('m', { repeat: true })
  await press('s')
  await press('x')
  for (const run of Object.values(acts)) expect(run).not.toHaveBeenCalled()
  expect(text()).not.toContain(again)
  expect(buttons()).not.toContain('Share screen')
})

test('RM13.2 who wants no keys has none, and can have them again; where no screen can be shared no key is told for it', async () => {
  const acts = await drawRoom(meeting(), { media: { ...inUse, canShare: false } })
  expect(text()).toContain('Keys: M mutes, V switches the camera, H twice hangs up.')
  await click('Switch these keys off')
  expect(acts.setKeys).toHaveBeenCalledWith(false)
  const without = await drawRoom(meeting(), { media: inUse, hasKeys: false })
  for (const key of ['m', 'v', 's', 'h', 'h']) await press(key)
  expect(text()).not.toContain(again)
  for (const run of Object.values(without)) expect(run).not.toHaveBeenCalled()
  expect(text()).not.toContain('Keys:')
  expect(button('Mute').getAttribute('aria-keyshortcuts')).toBeNull()
  await click('Switch keys on')
  expect(without.setKeys).toHaveBeenCalledWith(true)
})

test('RM13.1 what is off is to be switched on, and what is shared is said to be', async () => {
  const media = {
    ...inUse,
    muted: true,
    camera: 'off',
    video: null,
    screen: trackOf('video'),
  } as const
  const acts = await drawRoom(meeting(), { media })
  await click('Unmute')
  expect(acts.setMuted).toHaveBeenCalledWith(false)
  await click('Camera on')
  expect(acts.setCamera).toHaveBeenCalledWith(true)
  await click('Stop sharing')
  expect(acts.setSharing).toHaveBeenCalledWith(false)
  expect(text()).toContain('You share your screen')
  expect(text()).toContain('You are muted')
  const own = document.querySelector<HTMLVideoElement>('.self video')
  expect(own?.dataset.mirrored).toBe('false')
})

test('RM13.5 where the browser keeps the other one silent there is a button that lets them be heard', async () => {
  plays.mockRejectedValueOnce(new DOMException('no gesture', 'NotAllowedError'))
  const incoming = { audio: trackOf('audio'), video: null }
  await drawRoom(meeting(), { media: inUse, incoming })
  await expect.poll(said).toContainEqual(expect.stringContaining('Your browser keeps Ben Sample silent'))
  // In the press itself, by what has the sound already.
  const { srcObject } = theirSound()
  button('Let me hear Ben Sample').click()
  expect([plays.mock.calls.length, theirSound().srcObject === srcObject]).toEqual([2, true])
  await expect.poll(buttons).not.toContain('Let me hear Ben Sample')
})

function theirSound(): HTMLAudioElement {
  const found = document.querySelector('audio')
  if (!found) throw new Error('nothing that plays sound')
  return found
}

const happens = (what: 'pause' | 'playing', on = theirSound()) =>
  act(() => void on.dispatchEvent(new Event(what)))

test('RM13.5 where the browser pauses the other one later there is the button too, until they are heard again', async () => {
  const incoming = { audio: trackOf('audio'), video: null }
  await drawRoom(meeting(), { media: inUse, incoming })
  await happens('pause')
  expect(said()).toContainEqual(expect.stringContaining('Your browser keeps Ben Sample silent'))
  // By a key of the headset, say.
  await happens('playing')
  expect(said()).toEqual([])
  await happens('pause')
  plays.mockRejectedValueOnce(new DOMException('not now', 'NotAllowedError'))
  await click('Let me hear Ben Sample')
  expect(buttons()).toContain('Let me hear Ben Sample')
  await click('Let me hear Ben Sample')
  await expect.poll(buttons).not.toContain('Let me hear Ben Sample')
})

test('RM13.5 sound that ends is kept silent by no browser, and what was silent says nothing of what comes after it', async () => {
  const first = trackOf('audio')
  await drawRoom(meeting(), { media: inUse, incoming: { audio: first, video: null } })
  Object.assign(first, { readyState: 'ended' })
  await happens('pause')
  expect(said()).toEqual([])

  await drawRoom(meeting(), { media: inUse, incoming: { audio: trackOf('audio'), video: null } })
  await happens('pause')
  const before = theirSound()
  await drawRoom(meeting(), { media: inUse })
  plays.mockReturnValue(new Promise(() => {}))
  await drawRoom(meeting(), { media: inUse, incoming: { audio: trackOf('audio'), video: null } })
  await happens('pause', before)
  expect(said()).toEqual([])
})

test('RM13.5 a picture that the browser paused while the page was not seen goes on once it is', async () => {
  await drawRoom(meeting(), { media: inUse, incoming: { audio: null, video: trackOf('video') } })
  const [theirs, own] = document.querySelectorAll('video')
  for (const [video, paused] of [[theirs, true] as const, [own, false] as const])
    Object.defineProperty(video, 'paused', { value: paused })
  const becomes = (visibility: DocumentVisibilityState) => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibility)
    document.dispatchEvent(new Event('visibilitychange'))
  }
  becomes('hidden')
  expect(plays).not.toHaveBeenCalled()
  // Refused, it is as it was: nobody has to hear of it.
  plays.mockRejectedValueOnce(new DOMException('not now', 'NotAllowedError'))
  becomes('visible')
  becomes('visible')
  expect(plays).toHaveBeenCalledTimes(2)
  await drawRoom(meeting({ end: 'hungUp', meeting: null }))
  becomes('visible')
  expect(plays).toHaveBeenCalledTimes(2)
})

test.each([
  ['hungUp', 'You hung up', 'Camera and microphone are off.'],
  ['otherHungUp', 'Ben Sample hung up', 'You can close this page.'],
  ['over', 'This call is over', 'six hours at most'],
  ['replaced', 'You are in this call in another window', 'this window sends and shows nothing any more'],
  ['elsewhere', 'You are in this call in another window', 'this window sends and shows nothing any more'],
  ['full', 'Two others are in this room', 'Nothing of it is shown here.'],
  ['ticket', 'This address lets nobody in any more', 'for five minutes'],
  ['trouble', 'The server ended this connection', 'Come in again'],
] satisfies readonly (readonly [End, string, string])[])(
  'RM12.4 that it ended as %s is said, with why and what to do',
  async (end, title, words) => {
    const acts = await drawRoom(meeting({ end, meeting: null }))
    expect(document.activeElement?.textContent).toBe(title)
    expect(text()).toContain(words)
    expect(document.querySelector('video, audio')).toBeNull()
    const again = { replaced: 'Take it back to this window', elsewhere: 'Take it back to this window' }
    const way = end === 'trouble' ? 'Come in again' : again[end as keyof typeof again]
    expect(buttons()).toEqual(way ? [way] : [])
    if (way) await click(way)
    expect(acts.comeAgain).toHaveBeenCalledTimes(way ? 1 : 0)
  },
)

test('RM12.4 who hung up while the server does not answer is told that the other one does not know it yet', async () => {
  vi.useFakeTimers()
  const unsaid = { mono: performance.now(), wall: Date.now() }
  await drawRoom(meeting({ end: 'hungUp', unsaid, meeting: null }))
  // It is asked at this moment.
  expect(text()).toContain('You hung up')
  expect(text()).not.toContain('The server does not answer')
  expect(text()).not.toContain('You can close this page.')
  await act(() => void vi.advanceTimersByTime(2_500))
  expect(text()).toContain('so the other one does not hear of it yet. Keep this page open…')
  expect(text()).not.toContain('You can close this page.')
})

test('RM12.4 a stranger is told no name, and nothing of devices that they never gave', async () => {
  await drawRoom({ ...letIn(), name: null, proof: null, call: null, end: 'full' })
  expect(text()).not.toContain('Ben')
  expect(text()).not.toContain('Camera and microphone are off.')
})
