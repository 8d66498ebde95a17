/** Looks into a zod schema along a path, so that "unknown key" can say which keys there are. */
import { z } from 'zod'
import type { PathPart } from './places.ts'

/** The keys a mapping at this path may have; empty when the schema takes any. */
export function knownKeys(schema: z.ZodType, path: readonly PathPart[]): string[] {
  const at = path.reduce<z.core.$ZodType | undefined>((inner, part) => inner && step(inner, part), schema)
  return objectsOf(at).flatMap((object) => Object.keys(object.shape))
}

function step(schema: z.core.$ZodType, part: PathPart): z.core.$ZodType | undefined {
  const inner = unwrap(schema)
  if (inner instanceof z.ZodArray) return inner.element
  if (inner instanceof z.ZodRecord) return inner.valueType
  const objects = objectsOf(inner)
  return objects.map((object) => object.shape[String(part)]).find((found) => found !== undefined)
}

function objectsOf(schema: z.core.$ZodType | undefined): z.ZodObject[] {
  const inner = schema === undefined ? undefined : unwrap(schema)
  if (inner instanceof z.ZodObject) return [inner]
  if (inner instanceof z.ZodUnion) return inner.options.flatMap(objectsOf)
  return []
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional ? unwrap(schema.unwrap()) : schema
}
