import { playSound, type RingTone } from '../../messages/ring-sound.ts'

/** Sounds from the moment this document is opened until the background worker closes it, as the worker's address says. */
const asked = new URLSearchParams(location.search)
playSound(asked.get('tone') as RingTone | 'waiting', Number(asked.get('volume')), Number(asked.get('times')))
