import { describe, expect, it } from 'vitest'
import { projectJsonSchemas } from '../../../runner/project/json-schema.ts'

interface Node {
  properties?: Record<string, Node>
  items?: Node
  additionalProperties?: Node | boolean
  anyOf?: Node[]
  description?: string
  required?: string[]
}

function undescribed(node: Node, path: string): string[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([key, inner]) => [
    ...(inner.description ? [] : [`${path}.${key}`]),
    ...undescribed(inner, `${path}.${key}`),
  ])
  const extra = typeof node.additionalProperties === 'object' ? [node.additionalProperties] : []
  const deeper = [...(node.items ? [node.items] : []), ...extra, ...(node.anyOf ?? [])]
  return [...own, ...deeper.flatMap((inner) => undescribed(inner, path))]
}

function optionsOf(node: Node | undefined): Node[] {
  return typeof node?.additionalProperties === 'object' ? (node.additionalProperties.anyOf ?? []) : []
}

describe('the JSON Schemas for editors', () => {
  const schemas = projectJsonSchemas()

  it.each(['sync', 'project', 'properties'] as const)('%s: draft 7, every key described', (kind) => {
    const schema = schemas[kind] as Node & { $schema?: string }
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#')
    expect(undescribed(schema, kind)).toEqual([])
    expect(schema.additionalProperties).toBe(false)
  })

  it('asks for the name of a sync only, because defaults may give the rest', () => {
    const sync = (schemas.sync as Node).properties?.syncs?.items
    expect(sync?.required).toEqual(['name'])
    expect(Object.keys(sync?.properties ?? {})).toEqual(
      expect.arrayContaining(['rollout', 'alerts', 'guards', 'match']),
    )
    expect(sync?.properties?.match?.required).toBeUndefined()
  })

  it('knows what a target and a connection may say', () => {
    const { targets, connections } = (schemas.project as Node).properties ?? {}
    const target = optionsOf(targets)
    expect(target.map((t) => Object.keys(t.properties ?? {}).includes('path'))).toEqual([true, false])
    expect(optionsOf(connections)).toHaveLength(2)
  })
})
