import type { DeviceCallEnd, IncomingCall } from '../../../../messages/state.ts'
import { defaultTiming } from '../../../../protocol/timing.ts'
import type { SimulatedDevice } from './device.ts'
import type { EventQueue } from './event-queue.ts'
import type { Network } from './network.ts'
import type { PlacedCall } from './server-calls.ts'
import type { SimulatedService } from './service.ts'

/** A device with what is monitored of it. */
export interface MonitoredDevice {
  readonly device: SimulatedDevice
  readonly network: Network
  /** Until this moment a false green is within the bounds that SPEC.md gives. */
  excusedUntil: number
  /** Its worker is dead, and what that one painted stands, until this moment at most or the next worker's first paint. */
  deadUntil: number
  /** Since when it is not green; undefined until it first was, null while it is. */
  darkSince: number | null | undefined
  /** How many connections it held at the last look. */
  held: number
  /** The monotonic clock does not count the sleep of now. */
  sleepsUncounted: boolean
  /** The wall clock was set back while the machine slept, or just before: there is no trace of that sleep. */
  setBackAsleep: boolean
  /** By this moment a look finds that the wall clock was set back, unless the machine sleeps first. */
  setBackSeenBy: number
  /** The wall clock was set back once: how long the machine slept may be lost, and with it how long a call waits. */
  wasSetBack: boolean
  /** Since when it is green though a call would not get through. */
  unfoundedSince: number | null
  queuedLeaseEnd: number | null
  /** Until this moment a call that is over may still be shown as ringing: it is being told. */
  ringExcusedUntil: number
  /** By call: on which connection it was told that the call is over, and by when that will have arrived there. */
  readonly endNotices: Map<string, { readonly connection: string; readonly by: number }>
  /** By call: until when it may be shown as not over, counted from its last ring. */
  readonly waitsUntil: Map<string, number>
  /** How often each call's room was entered. */
  readonly rooms: Map<string, number>
}

interface CallMonitorDependencies {
  readonly queue: EventQueue
  readonly service: SimulatedService
  readonly devices: readonly MonitoredDevice[]
  readonly longestDelay: number
}

/** P1: what the server knows, its caller hears within this time, in milliseconds. */
const heardWithin = 1_000

/** Holds what the caller hears and what devices show of each call against each other and against the record. */
export function createCallMonitor({ queue, service, devices, longestDelay }: CallMonitorDependencies) {
  let violation: string | null = null
  let unknown = 0
  const since = new Map<string, number>()
  /** A lease is the longest that a service can believe in a device that died in silence. */
  const silent = defaultTiming.leaseFor * 1.01 + longestDelay + heardWithin

  const note = (what: string) => {
    violation ??= `at ${queue.now()}: ${what}`
  }

  /** Notes what has been so for longer than `bound`. */
  function bounded(key: string, isSo: boolean, bound: number): void {
    if (!isSo) {
      since.delete(key)
      return
    }
    const began = since.get(key) ?? queue.now()
    since.set(key, began)
    if (queue.now() - began > bound) note(`${key} since ${began}`)
  }

  function callerHears(call: PlacedCall): void {
    const alive = service.drives()
    const rings = alive && call.heard === 'ringing' && call.active !== null
    const legs = rings
      ? [...(call.active?.legs ?? [])].filter(([, { state }]) => state === 'acknowledged')
      : []
    const connections = legs
      .map(([connection]) => connection)
      .filter((connection) => service.wouldRing(connection))
    bounded(
      `${call.id} is heard ringing, and no acknowledged connection holds a lease`,
      rings && connections.length === 0,
      heardWithin,
    )
    const shows = devices.some(({ device }) => {
      return (
        device.connections().some(({ name }) => connections.includes(name)) &&
        device.shown()?.some(({ id, phase }) => id === call.id && !isOver(phase))
      )
    })
    bounded(`${call.id} is heard ringing, and no device shows it`, rings && !shows, silent)
    const unasked =
      alive && call.active?.state === 'waiting' && call.active.end === null
        ? devices.some(({ device, network }) => {
            const rung = device.connections().find(({ name, isDead }) => service.wouldRing(name) && !isDead())
            return rung && !network.isCut() && !isTried(call.active?.legs.get(rung.name)?.state)
          })
        : false
    bounded(`${call.id} waits, and a device that holds a lease is not asked`, unasked, heardWithin)
  }

  function deviceShows(one: MonitoredDevice, shown: IncomingCall): void {
    const call = service.calls.placed().find(({ id }) => id === shown.id)
    const { device, network } = one
    const { phase } = shown
    if (phase === 'ringing' && !device.isAsleep()) {
      if (!device.isGreen()) note(`${shown.id} rings on a device that is not green`)
      const rung = device.connections().some(({ name, isDead }) => service.wouldRing(name) && !isDead())
      // Of several nodes each can end it on the record, whoever drives it.
      const isThere = service.nodes.length > 1 ? call?.end === null : call?.active != null
      const rings = rung && !network.isCut() && isThere
      if (!rings && queue.now() > Math.max(one.excusedUntil, one.ringExcusedUntil))
        note(`${shown.id} rings on a device, and the call cannot be answered there`)
    }
    const waits = Math.max(one.waitsUntil.get(shown.id) ?? Number.POSITIVE_INFINITY, one.excusedUntil)
    if (isUnpressed(phase) && queue.now() > waits && !device.isAsleep() && !one.wasSetBack)
      note(`${shown.id} is shown as ${phase}, though its time is over`)
    if (!isOver(phase)) return
    endsAgree(one, phase.over, call)
    const told = one.endNotices.get(shown.id)
    if (phase.over !== 'unknown' && phase.over !== 'lost') return
    unknown += 1
    // A machine asleep hears of it at waking, before anything is seen.
    const heard = told?.connection === device.connection() && !device.isAsleep() && queue.now() > told.by
    if (heard) note(`${shown.id} is shown as ${phase.over}, though its end was told on the connection of now`)
  }

  function endsAgree({ device }: MonitoredDevice, told: DeviceCallEnd, call: PlacedCall | undefined): void {
    if (told === 'unknown' || told === 'lost') return
    // It can only end as missed where the service told so before it could write it, and where it is gone.
    const end = call?.end ?? (call?.active ? call.active.end : missedByRestart)
    if (!call?.end && end?.outcome !== 'missed') note(`${call?.id} is shown as ${told} before it is over`)
    const here = end?.device === device.profile().id
    const so = {
      'answered-here': end?.outcome === 'answered' && here,
      'answered-without-room': false,
      'room-not-opened': false,
      'answered-elsewhere': end?.outcome === 'answered' && !here,
      'declined-here': end?.outcome === 'declined' && here,
      'declined-elsewhere': end?.outcome === 'declined' && !here,
      cancelled: end?.outcome === 'cancelled',
      missed: end?.outcome === 'missed',
    }[told]
    if (!so) note(`${call?.id} is shown as ${told}, and the record says ${end?.outcome}`)
  }

  return {
    /** The end of a call is being told: a device has heard of it by `by`, if the connection that it has now lives on. */
    endTold: (one: MonitoredDevice, call: string, by: number) => {
      one.ringExcusedUntil = by
      const connection = one.device.connection()
      const { network } = one
      if (
        connection !== null &&
        !network.isCut() &&
        !network.isSwallowed() &&
        service.wouldRing(connection) &&
        service.hears(connection)
      )
        one.endNotices.set(call, { connection, by: network.deliveredBy(longestDelay) + 1 })
    },
    check: () => {
      for (const { network, endNotices } of devices)
        if (
          endNotices.size > 0 &&
          (network.isCut() ||
            network.isSwallowed() ||
            !service.nodes.every((node) => node.isUp() && !node.isHung() && node.hasBus()))
        )
          endNotices.clear()
      const calls = service.calls.placed()
      if (calls.length === 0) return
      for (const call of calls) callerHears(call)
      for (const one of devices) for (const shown of one.device.shown() ?? []) deviceShows(one, shown)
    },
    conclude: () => {
      const ends: Record<string, number> = {}
      for (const call of service.calls.placed()) {
        const how = call.end?.outcome ?? 'none'
        ends[how] = (ends[how] ?? 0) + 1
        if (call.end === null && service.clock() > call.overBy + 5_000) note(`${call.id} never ended`)
        if (call.end && call.heard !== call.end.outcome)
          note(`${call.id} is ${call.end.outcome}, and its caller heard ${call.heard}`)
      }
      for (const { device, rooms } of devices)
        for (const [room, times] of rooms) {
          const end = service.calls.placed().find(({ id }) => id === room)?.end
          if (times > 1 || end?.outcome !== 'answered' || end.device !== device.profile().id)
            note(`a device entered the room of ${room} ${times} times, which ended ${end?.outcome}`)
        }
      ends.rang = service.calls.placed().filter(({ rang }) => rang).length
      ends.unknown = unknown
      return { violation, ends }
    },
  }
}

/** A lost leg has to be asked anew. */
const isTried = (state: string | undefined) => state !== undefined && state !== 'lost'

const missedByRestart = { outcome: 'missed', device: null } as const

const isUnpressed = (phase: IncomingCall['phase']) =>
  phase === 'ringing' || phase === 'checking' || phase === 'connection-lost'

const isOver = (phase: IncomingCall['phase']): phase is { readonly over: DeviceCallEnd } =>
  typeof phase === 'object' && 'over' in phase
