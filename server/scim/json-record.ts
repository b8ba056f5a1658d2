export type JsonRecord = Readonly<Record<string, unknown>>

/** Whether something that was JSON is an object with names. */
export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
