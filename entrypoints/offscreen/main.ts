/** Sounds from the moment this document is opened until the background worker closes it: `?waiting` is said once. */
const isWaiting = location.search === '?waiting'
const tone = new Audio(isWaiting ? '/waiting.wav' : '/ring.wav')
tone.loop = !isWaiting
void tone.play()
