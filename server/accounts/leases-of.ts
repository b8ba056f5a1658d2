/**
 * The sessions by which the devices of a person hold a lease now. Each has how long it is still proven, in ms, that a call
 * would ring there: for as long as the device itself believes that (T1.10), then 0 until its lease ends.
 */
export type LeasesOf = (userId: string) => Promise<ReadonlyMap<string, number>>
