import { type ConversionConfig, toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'

/** A JSON Schema (2020-12), as OpenAPI 3.1 and AsyncAPI 3 have them. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** What JSON Schema says otherwise than valibot's converter, or has no word for. */
const overrideAction: NonNullable<ConversionConfig['overrideAction']> = ({ valibotAction, jsonSchema }) =>
  valibotAction.type === 'safe_integer' ? { ...jsonSchema, type: 'integer' } : undefined

/**
 * What a schema of ours says, as JSON Schema: whatever is read is held to more than that can say (names that can be
 * shown, words that go together), and never to less.
 *
 * @param side `input` for what is sent to whoever parses with it, `output` for what they have then.
 */
export function jsonSchemaOf(schema: GenericSchema, side: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...said } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    typeMode: side,
    // Transformations, and checks by code, are for those who read the page.
    errorMode: 'ignore',
    overrideAction,
  })
  return said
}
