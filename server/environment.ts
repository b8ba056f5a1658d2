import * as v from 'valibot'

/** A whole number from `low` to `high`. `rule` is told to whoever sets another: what the setting must be. */
export const wholeNumber = (low: number, high: number, rule: string) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^\d{1,9}$/, rule),
    v.transform(Number),
    v.minValue(low, rule),
    v.maxValue(high, rule),
  )

export const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text)

/** What a part of the environment is read as. */
export type ReadFrom<Environment extends v.ObjectEntries> = v.InferOutput<
  v.ObjectSchema<Environment, undefined>
>
