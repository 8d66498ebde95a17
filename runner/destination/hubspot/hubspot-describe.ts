import { crmRefused, unknownObject } from '../crm-problems.ts'
import type { FieldDescription } from '../destination.ts'
import { isRecord } from '../raw-answer.ts'
import { redactMessage } from '../redact-message.ts'
import type { HubspotClient } from './hubspot-client.ts'
import { CUSTOM_PIPELINE, type ObjectType, standardType } from './object-types.ts'
import { type Property, toFieldDescription } from './property-description.ts'
import { withRules } from './property-rules.ts'
import {
  type CustomSchema,
  type Owner,
  type Pipeline,
  readOwners,
  readPipelines,
  readPropertyRules,
  readSchemas,
} from './read-definitions.ts'

const STANDARD_OBJECTS = [
  'contacts',
  'companies',
  'deals',
  'tickets',
  'products',
  'line_items',
  'quotes',
  'calls',
  'tasks',
]

/** The object's properties, with what other parts of the portal say about their values. */
export async function describeObject(
  client: HubspotClient,
  object: string,
  signal: AbortSignal,
): Promise<readonly FieldDescription[]> {
  const properties = await readProperties(client, object, signal)
  const standard = standardType(object)
  const type = standard ?? schemaOf(object, await readSchemas(client, signal))
  const fields = properties.map((property) => toFieldDescription(property, object, type))
  const owned = properties.filter((property) => property.referencedObjectType === 'OWNER').map(({ name }) => name)
  const owners = owned.length === 0 ? undefined : await readOwners(client, signal)
  const names = standard === undefined ? CUSTOM_PIPELINE : standard.pipeline
  const hasStages = names !== undefined && fields.some(({ name }) => name === names.stage)
  const pipelines = hasStages ? await readPipelines(client, object, signal) : undefined
  const rules = type === undefined ? [] : await readPropertyRules(client, type.typeId, signal)
  return fields
    .map((field) => (owned.includes(field.name) ? withOwners(field, owners) : field))
    .map((field) => withPipelines(field, names, pipelines))
    .map((field) => withRules(field, rules))
}

/** Archived ones too: a mapping that still names one is told so. */
async function readProperties(
  client: HubspotClient,
  object: string,
  signal: AbortSignal,
): Promise<readonly Property[]> {
  const path = client.paths.properties(object)
  const answer = await client.read({ path, signal })
  if (answer.refusal !== undefined) {
    if (answer.status !== 404 && !/infer object type/i.test(answer.refusal.message)) {
      throw crmRefused(client.place(), `${answer.refusal.code} ${redactMessage(answer.refusal.message)}`)
    }
    throw unknownObject('HubSpot', object, [...STANDARD_OBJECTS, ...(await customObjects(client, signal))])
  }
  const active = listed(answer.body).filter((property) => property.archived !== true)
  const archived = await client.read({ path: `${path}?archived=true`, signal })
  const known = new Set(active.map(({ name }) => name))
  const gone = archived.refusal === undefined ? listed(archived.body) : []
  return [...active, ...gone.filter(({ name, archived }) => archived === true && !known.has(name))]
}

function listed(body: unknown): readonly Property[] {
  return isRecord(body) && Array.isArray(body.results) ? body.results.filter(isRecord) : []
}

/** For a suggestion only: without the permission to list schemas there is simply none. */
async function customObjects(client: HubspotClient, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return (await readSchemas(client, signal)).map(({ name }) => name)
  } catch {
    signal.throwIfAborted()
    return []
  }
}

function schemaOf(object: string, schemas: readonly CustomSchema[]): ObjectType | undefined {
  const word = object.toLowerCase()
  return schemas.find(({ names }) => names.some((name) => name.toLowerCase() === word))
}

/** HubSpot wants the id of an owner: neither the id of a user nor an e-mail address. */
function withOwners(field: FieldDescription, owners: readonly Owner[] | undefined): FieldDescription {
  if (owners === undefined || owners.length === 0) return field
  const named = owners.flatMap(({ id, email }) => (email === undefined ? [] : [[email, id]]))
  return {
    ...field,
    allowedValues: owners.map(({ id }) => id),
    valuesAre: 'owner',
    valueNames: Object.fromEntries(named),
  }
}

function withPipelines(
  field: FieldDescription,
  names: { pipeline: string; stage: string } | undefined,
  pipelines: readonly Pipeline[] | undefined,
): FieldDescription {
  if (names === undefined || pipelines === undefined || pipelines.length === 0) return field
  if (field.name === names.pipeline) return { ...field, valuesAre: 'pipeline', ...choices(pipelines) }
  if (field.name !== names.stage) return field
  const of = Object.fromEntries(pipelines.map(({ id, stages }) => [id, stages.map((stage) => stage.id)]))
  const stages = choices(pipelines.flatMap((pipeline) => pipeline.stages))
  return { ...field, valuesAre: 'stage', ...stages, stages: { field: names.pipeline, of } }
}

function choices(entries: readonly { id: string; label: string }[]): Partial<FieldDescription> {
  return {
    allowedValues: [...new Set(entries.map(({ id }) => id))],
    valueNames: Object.fromEntries(entries.map(({ id, label }) => [label.toLowerCase(), id])),
  }
}
