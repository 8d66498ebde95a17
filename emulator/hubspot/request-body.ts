import type { CrmRequest } from '../core/crm.ts'
import { validationError } from './request-refused.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export interface BatchInput {
  id?: string
  idProperty?: string
  objectWriteTraceId?: string
  properties: JsonObject
  /** Of a create; unread. */
  associations?: unknown
}

export function jsonObject(request: CrmRequest): JsonObject {
  let body: unknown
  try {
    body = JSON.parse(request.body.toString('utf8'))
  } catch {
    throw invalidInput('the body is not JSON')
  }
  if (!isObject(body)) throw invalidInput('the body is not an object')
  return body
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function invalidInput(what: string): Error {
  return validationError(`Invalid input JSON on line 1, column 1: ${what}`)
}

export function missingFields(...names: string[]): Error {
  return invalidInput(`Some required fields were not set: [${names.join(', ')}]`)
}

export function optionalText(body: JsonObject, name: string): string | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw invalidInput(`${name} is not a string`)
}

/** A list of strings, empty when absent; query strings use comma lists instead. */
export function textList(body: JsonObject, name: string): string[] {
  const value = body[name]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw invalidInput(`${name} is not a list`)
  return value.map(String)
}

export function inputList(body: JsonObject, max: number): JsonObject[] {
  const { inputs } = body
  if (!Array.isArray(inputs)) throw missingFields('inputs')
  // The limit is documented; the words of its refusal are not.
  if (inputs.length > max) {
    const rest = 'Please reduce the number of items and try again'
    throw validationError(`The maximum number of inputs supported in a batch request is ${max}. ${rest}`)
  }
  return inputs.map((input) => {
    if (isObject(input)) return input
    throw invalidInput('an input is not an object')
  })
}

/** Inputs of batch create, update and upsert: at most 100. */
export function writeInputs(body: JsonObject, needs: { id: boolean }): BatchInput[] {
  return inputList(body, 100).map((input) => {
    const id = optionalText(input, 'id')
    const idProperty = optionalText(input, 'idProperty')
    const objectWriteTraceId = optionalText(input, 'objectWriteTraceId')
    if (needs.id && id === undefined) throw missingFields('id')
    return {
      properties: writtenProperties(input),
      ...(id === undefined ? {} : { id }),
      ...(idProperty === undefined ? {} : { idProperty }),
      ...(objectWriteTraceId === undefined ? {} : { objectWriteTraceId }),
      ...(input.associations === undefined ? {} : { associations: input.associations }),
    }
  })
}

export function writtenProperties(body: JsonObject): JsonObject {
  const { properties } = body
  if (!isObject(properties)) throw missingFields('properties')
  for (const name in properties) {
    if (typeof properties[name] === 'object' && properties[name] !== null) {
      throw invalidInput(`the value of ${name} is not a scalar`)
    }
  }
  return properties
}

/** A path segment; a broken percent sequence names nothing that exists, so it stays as it is. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
