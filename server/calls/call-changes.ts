import type { Bus } from '../bus/bus.ts'

/** Where the changes of one call are told. */
const subject = (callId: string) => `call.${callId}`

/** Tells whoever follows a call, wherever that is, that it stands otherwise now. */
export const publishCallChange = (bus: Bus, callId: string): void => bus.publish(subject(callId), {})

/** @returns what ends it. */
export const onCallChange = (bus: Bus, callId: string, listener: () => void): (() => void) =>
  bus.subscribe(subject(callId), () => {
    listener()
    return undefined
  })
