import { createRequire } from 'node:module'
import * as v from 'valibot'
import { expect } from 'vitest'

/** The validator that the one of OpenAPI is made with: it is there, and knows the draft. */
const ofValidator = createRequire(
  createRequire(import.meta.url).resolve('@seriousme/openapi-schema-validator'),
)

type Validate = ((value: unknown) => boolean) & { readonly errors?: unknown }

const answered = v.looseObject({
  content: v.record(v.string(), v.looseObject({ schema: v.record(v.string(), v.unknown()) })),
})

/** Holds what a route answered to the schema that the description has of it. */
export function expectSchema(openApi: unknown, answer: unknown, type: string, body: unknown): void {
  const { default: Ajv } = ofValidator('ajv/dist/2020.js') as {
    default: new (
      options: object,
    ) => { addSchema(schema: unknown, id: string): unknown; compile(schema: unknown): Validate }
  }
  const { content } = v.parse(answered, answer)
  const schema = content[type.split(';')[0] ?? '']?.schema
  expect([type, schema !== undefined]).toEqual([type, true])
  const ajv = new Ajv({ strict: false, validateFormats: false })
  ajv.addSchema(openApi, 'openapi')
  const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')))
  const isValid = validate(body)
  expect([validate.errors, isValid]).toEqual([null, true])
}
