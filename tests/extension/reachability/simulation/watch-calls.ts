import type { CallEnd, IncomingCall } from '../../../../messages/state.ts'
import { defaultTiming } from '../../../../protocol/timing.ts'
import type { Agenda } from './agenda.ts'
import type { SimulatedDevice } from './device.ts'
import type { Network } from './network.ts'
import type { SimulatedServer } from './server.ts'
import type { PlacedCall } from './switchboard.ts'

/** A device with what is watched of it. */
export interface Watched {
  readonly device: SimulatedDevice
  readonly network: Network
  /** Until this moment a false green is within the bounds that SPEC.md gives. */
  excusedUntil: number
  /** The wall clock was set back while the machine slept: there is no trace of that sleep. */
  setBackAsleep: boolean
  uncoveredSince: number | null
  watchedEnd: number | null
  /** Until this moment a call that is over may still be shown as ringing: it is being told. */
  ringExcusedUntil: number
  rooms: number
}

interface Watching {
  readonly agenda: Agenda
  readonly server: SimulatedServer
  readonly watched: readonly Watched[]
  readonly longestDelay: number
}

/** P1: what the server knows, its caller hears within this time, in milliseconds. */
const heardWithin = 1_000

/** Watches what the caller hears and what devices show of each call, against each other and against the record. */
export function watchCalls({ agenda, server, watched, longestDelay }: Watching) {
  let fault: string | null = null
  const since = new Map<string, number>()
  /** A lease is the longest that a server can believe in a device that died in silence. */
  const silent = defaultTiming.leaseFor * 1.01 + longestDelay + heardWithin

  const note = (what: string) => {
    fault ??= `at ${agenda.now()}: ${what}`
  }

  /** Notes what has been so for longer than `bound`. */
  function bounded(key: string, isSo: boolean, bound: number): void {
    if (!isSo) {
      since.delete(key)
      return
    }
    const began = since.get(key) ?? agenda.now()
    since.set(key, began)
    if (agenda.now() - began > bound) note(`${key} since ${began}`)
  }

  function callerHears(call: PlacedCall): void {
    const alive = server.isUp() && !server.isHung()
    const rings = alive && call.heard === 'ringing' && call.active !== null
    const legs = rings
      ? [...(call.active?.legs ?? [])].filter(([, { state }]) => state === 'acknowledged')
      : []
    const lines = legs.map(([line]) => line).filter((line) => server.wouldRing(line))
    bounded(
      `${call.id} is heard ringing, and no acknowledged line holds a lease`,
      rings && lines.length === 0,
      heardWithin,
    )
    const shows = watched.some(({ device }) => {
      const line = device.line()
      return (
        line !== null &&
        lines.includes(line) &&
        device.shown()?.some(({ id, phase }) => id === call.id && !isOver(phase))
      )
    })
    bounded(`${call.id} is heard ringing, and no device shows it`, rings && !shows, silent)
    const unasked =
      alive && call.active?.state === 'waiting' && call.active.end === null
        ? watched.some(({ device, network }) => {
            const line = device.line()
            return line !== null && !network.isCut() && server.wouldRing(line) && !call.active?.legs.has(line)
          })
        : false
    bounded(`${call.id} waits, and a device that holds a lease is not asked`, unasked, heardWithin)
  }

  function deviceShows(one: Watched, shown: IncomingCall): void {
    const call = server.switchboard.calls().find(({ id }) => id === shown.id)
    const { device, network } = one
    const { phase } = shown
    if (phase === 'ringing' && !device.isAsleep()) {
      if (!device.isGreen()) note(`${shown.id} rings on a device that is not green`)
      const line = device.line()
      const there = line !== null && server.wouldRing(line) && !network.isCut()
      const rings = there && call?.active != null
      if (!rings && agenda.now() > Math.max(one.excusedUntil, one.ringExcusedUntil))
        note(`${shown.id} rings on a device, and the call cannot be answered there`)
    }
    if (isOver(phase)) endsAgree(one, phase.over, call)
  }

  function endsAgree({ device }: Watched, told: CallEnd, call: PlacedCall | undefined): void {
    if (told === 'unknown' || told === 'lost') return
    // It can only end as missed where the server told so before it could write it, and where it is gone.
    const end = call?.end ?? (call?.active ? call.active.end : missedByRestart)
    if (!call?.end && end?.outcome !== 'missed') note(`${call?.id} is shown as ${told} before it is over`)
    const here = end?.device === device.profile().id
    const so = {
      'answered-here': end?.outcome === 'answered' && here,
      'answered-elsewhere': end?.outcome === 'answered' && !here,
      'declined-here': end?.outcome === 'declined' && here,
      'declined-elsewhere': end?.outcome === 'declined' && !here,
      cancelled: end?.outcome === 'cancelled',
      missed: end?.outcome === 'missed',
    }[told]
    if (!so) note(`${call?.id} is shown as ${told}, and the record says ${end?.outcome}`)
  }

  return {
    look: () => {
      const calls = server.switchboard.calls()
      if (calls.length === 0) return
      for (const call of calls) callerHears(call)
      for (const one of watched) for (const shown of one.device.shown() ?? []) deviceShows(one, shown)
    },
    close: () => {
      const ends: Record<string, number> = {}
      for (const call of server.switchboard.calls()) {
        const how = call.end?.outcome ?? 'none'
        ends[how] = (ends[how] ?? 0) + 1
        if (call.end === null && server.clock() > call.overBy + 5_000) note(`${call.id} never ended`)
        if (call.end && call.heard !== call.end.outcome)
          note(`${call.id} is ${call.end.outcome}, and its caller heard ${call.heard}`)
      }
      const answered = server.switchboard.calls().filter(({ end }) => end?.outcome === 'answered')
      for (const one of watched) {
        const mine = answered.filter(({ end }) => end?.device === one.device.profile().id)
        if (one.rooms > mine.length) note(`a device entered ${one.rooms} rooms of ${mine.length} calls`)
      }
      return { fault, ends }
    },
  }
}

const missedByRestart = { outcome: 'missed', device: null } as const

const isOver = (phase: IncomingCall['phase']): phase is { readonly over: CallEnd } =>
  typeof phase === 'object' && 'over' in phase
