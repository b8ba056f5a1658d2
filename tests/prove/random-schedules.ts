import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Property, properties } from '../extension/reachability/simulation/properties.ts'
import { runSchedule } from '../extension/reachability/simulation/run-schedule.ts'
import {
  allAgreeInTheEnd,
  eachHearsTheOther,
  nobodyIsBelievedTooLong,
  roomSchedules,
} from '../server/rooms/room-schedules.ts'

/** So many of each property, in this very process, where coverage is counted and changes are made. */
const numRuns = Number(process.env.RANDOM_SCHEDULES ?? 100)

/** The same unless another is given, so that what is noticed once is noticed again. */
const seed = Number(process.env.TRUTH_SEED ?? 1)

/** All properties, or those that are named, with commas between. */
const only = process.env.TRUTH_PROPERTY?.split(',')

/** That it is noticed is enough: to find the smallest schedule takes longer than all else. */
const check = <T>(holds: fc.IProperty<T>) =>
  expect(fc.check(holds, { numRuns, seed, endOnFailure: true }).failed).toBe(false)

for (const [name, { schedules, violation }] of Object.entries<Property>(properties).filter(
  ([name]) => only?.includes(name) ?? true,
))
  test(`random schedules: ${name}`, () => {
    const holds = fc.property(schedules, (schedule) => violation(runSchedule(schedule), schedule) === null)
    check(holds)
  }, 600_000)

if (only?.includes('rooms') ?? true)
  test('random schedules: rooms', () => {
    for (const holds of [nobodyIsBelievedTooLong, eachHearsTheOther, allAgreeInTheEnd])
      check(fc.property(roomSchedules, holds))
  }, 600_000)
