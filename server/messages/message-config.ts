import * as v from 'valibot'
import { type ReadFrom, wholeNumber } from '../environment.ts'

/** A device says a message again for up to four weeks: for so long the server has to know that it has it. */
const keepRule = 'MESSAGE_DAYS must be a whole number of days from 30 to 4000.'

export const messageEnvironment = {
  MESSAGE_DAYS: v.optional(wholeNumber(30, 4_000, keepRule), '400'),
}

export interface MessageConfig {
  /** Milliseconds for which a message is kept. */
  readonly messagesKeptFor: number
}

export const messageConfig = (environment: ReadFrom<typeof messageEnvironment>): MessageConfig => ({
  messagesKeptFor: environment.MESSAGE_DAYS * 86_400_000,
})
