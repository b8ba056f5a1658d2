/** Rings from the moment this document is opened until the background worker closes it. */
const tone = new Audio('/ring.wav')
tone.loop = true
void tone.play()
