/**
 * What HubSpot tells beside the properties: custom object schemas, owners, pipelines, rules of administrators. A portal that
 * does not tell one of them (a scope that is missing, a plan without it) leaves that check to HubSpot itself.
 */
import { BackfeedError } from '../../errors.ts'
import { isRecord, textOf } from '../raw-answer.ts'
import type { HubspotClient } from './hubspot-client.ts'
import type { ObjectType } from './object-types.ts'

type Json = Readonly<Record<string, unknown>>

export interface CustomSchema extends ObjectType {
  /** Every name the portal answers to for it. */
  names: readonly string[]
}

export interface Owner {
  id: string
  email: string | undefined
}

export interface Pipeline {
  id: string
  label: string
  stages: readonly { id: string; label: string }[]
}

export interface PropertyRule {
  property: string
  type: string
  arguments: readonly string[]
}

export async function readSchemas(client: HubspotClient, signal: AbortSignal): Promise<readonly CustomSchema[]> {
  const body = await readTold(client, client.paths.schemas, signal)
  return resultsIn(body).flatMap((schema) => {
    const name = textOf(schema.name)
    const typeId = textOf(schema.objectTypeId) ?? textOf(schema.id)
    if (name === undefined || typeId === undefined) return []
    const required = texts(schema.requiredProperties)
    return [{ name, typeId, required, oneOf: [], names: [name, typeId, textOf(schema.fullyQualifiedName) ?? name] }]
  })
}

/** Of active owners; archived ones cannot be given a record. */
export async function readOwners(client: HubspotClient, signal: AbortSignal): Promise<readonly Owner[] | undefined> {
  const owners: Owner[] = []
  let after: string | undefined
  do {
    const path = `${client.paths.owners}?limit=500${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`
    const body = await readTold(client, path, signal)
    if (body === undefined) return undefined
    owners.push(...resultsIn(body).flatMap((owner) => toOwner(owner)))
    const next = isRecord(body.paging) && isRecord(body.paging.next) ? body.paging.next : {}
    after = textOf(next.after)
  } while (after !== undefined)
  return owners
}

function toOwner(owner: Json): Owner[] {
  const id = textOf(owner.id)
  return id === undefined || owner.archived === true ? [] : [{ id, email: textOf(owner.email)?.toLowerCase() }]
}

export async function readPipelines(
  client: HubspotClient,
  object: string,
  signal: AbortSignal,
): Promise<readonly Pipeline[] | undefined> {
  const body = await readTold(client, client.paths.pipelines(object), signal)
  if (body === undefined) return undefined
  return active(resultsIn(body)).map((pipeline) => ({
    ...named(pipeline),
    stages: active(Array.isArray(pipeline.stages) ? pipeline.stages.filter(isRecord) : []).map(named),
  }))
}

function active(list: readonly Json[]): readonly Json[] {
  return list.filter((entry) => entry.archived !== true && textOf(entry.id) !== undefined)
}

function named(entry: Json): { id: string; label: string } {
  return { id: textOf(entry.id) ?? '', label: textOf(entry.label) ?? '' }
}

export async function readPropertyRules(
  client: HubspotClient,
  objectTypeId: string,
  signal: AbortSignal,
): Promise<readonly PropertyRule[]> {
  const path = client.paths.propertyValidations?.(objectTypeId)
  const body = path === undefined ? undefined : await readTold(client, path, signal)
  return resultsIn(body).flatMap((entry) => {
    const property = textOf(entry.propertyName)
    const rules = Array.isArray(entry.propertyValidationRules) ? entry.propertyValidationRules.filter(isRecord) : []
    if (property === undefined) return []
    return rules.map((rule) => ({
      property,
      type: textOf(rule.ruleType) ?? '',
      arguments: texts(rule.ruleArguments),
    }))
  })
}

/** Errors that say "this portal, or this token, does not tell". Anything else ends the run. */
const UNTOLD: ReadonlySet<string> = new Set(['E-CRM-SCOPE', 'E-CRM-ANSWER'])

async function readTold(client: HubspotClient, path: string, signal: AbortSignal): Promise<Json | undefined> {
  try {
    const answer = await client.read({ path, signal })
    return answer.refusal === undefined && isRecord(answer.body) ? answer.body : undefined
  } catch (error) {
    if (error instanceof BackfeedError && UNTOLD.has(error.code)) return undefined
    throw error
  }
}

function resultsIn(body: Json | undefined): readonly Json[] {
  return Array.isArray(body?.results) ? body.results.filter(isRecord) : []
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}
