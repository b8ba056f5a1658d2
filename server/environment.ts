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

/** What is on or off; also as 1 or 0, true or false, in whichever case. */
export const onOff = (name: string) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.toLowerCase(),
    v.picklist(['on', 'off', '1', '0', 'true', 'false'], `${name} must be on or off.`),
    v.transform((text) => ['on', '1', 'true'].includes(text)),
  )

export const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text)

/** What a part of the environment is read as. */
export type ReadFrom<Environment extends v.ObjectEntries> = v.InferOutput<
  v.ObjectSchema<Environment, undefined>
>
