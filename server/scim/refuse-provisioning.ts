import { APIError } from 'better-auth/api'
import { type ScimErrorType, scimErrorBody } from './scim-error.ts'

/** Thrown in a hook of the plugin it undoes everything, and is what the clinic's system is answered. */
export const invalidValue = (detail: string): APIError =>
  new APIError('BAD_REQUEST', body(400, detail, 'invalidValue'))

export const notUnique = (detail: string): APIError =>
  new APIError('CONFLICT', body(409, detail, 'uniqueness'))

const body = (status: number, detail: string, type: ScimErrorType) => ({
  ...scimErrorBody(status, detail, type),
  message: detail,
})
