// The timers of a page that is not seen are held back, to one a minute in the end; those of a worker are not.
self.onmessage = ({ data: { id, milliseconds } }) => setTimeout(() => postMessage(id), milliseconds)
