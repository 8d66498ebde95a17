import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import type { ValueProblem } from './check-value.ts'
import type { PipelinePolicy } from './policies/portal-policies.ts'
import type { Portal } from './portal.ts'
import type { ObjectSchema } from './portal-schema.ts'
import { decodeSegment } from './request-body.ts'
import { notFound } from './request-refused.ts'

/** Properties that hold a record's pipeline and its stage. */
export const PIPELINE_PROPERTIES: Readonly<Record<string, { pipeline: string; stage: string }>> = {
  deals: { pipeline: 'pipeline', stage: 'dealstage' },
  tickets: { pipeline: 'hs_pipeline', stage: 'hs_pipeline_stage' },
}

/** Those set up, or one with all the options the stage property has. */
export function pipelinesOf(portal: Portal, object: ObjectSchema): readonly PipelinePolicy[] {
  const own = portal.policies.pipelines[object.name]
  const names = PIPELINE_PROPERTIES[object.name]
  if (own !== undefined || names === undefined) return own ?? []
  const options = (name: string) => object.properties.get(name)?.options ?? []
  const stages = options(names.stage).map(({ value, label }) => ({ id: value, label }))
  return options(names.pipeline).map(({ value, label }) => ({ id: value, label, stages }))
}

/** The options of both properties are the pipelines' ids and the stages' of all of them. */
export function offerStages(portal: Portal, object: ObjectSchema, pipelines: readonly PipelinePolicy[]): void {
  const names = PIPELINE_PROPERTIES[object.name]
  if (names === undefined) return
  const stages = pipelines.flatMap((pipeline) => pipeline.stages)
  const options = (list: readonly { id: string; label: string }[]) =>
    list.map(({ id, label }) => ({ value: id, label }))
  portal.schema.merge(object, { name: names.pipeline, options: options(pipelines) })
  portal.schema.merge(object, { name: names.stage, options: options(stages) })
}

/** A stage of another pipeline. What its error is called is not documented. */
export function stageProblem(
  portal: Portal,
  object: ObjectSchema,
  values: { changes: Readonly<Record<string, string>>; held: Readonly<Record<string, unknown>> },
): ValueProblem | undefined {
  const names = PIPELINE_PROPERTIES[object.name]
  if (names === undefined || portal.policies.pipelines[object.name] === undefined) return undefined
  const stage = values.changes[names.stage]
  const pipelines = pipelinesOf(portal, object)
  const chosen = values.changes[names.pipeline] || String(values.held[names.pipeline] ?? '') || pipelines[0]?.id
  if (!stage || pipelines.find(({ id }) => id === chosen)?.stages.some(({ id }) => id === stage) !== false) {
    return undefined
  }
  const message = `${stage} is not a stage of the pipeline ${chosen}`
  return { property: names.stage, code: 'INVALID_OPTION', message, value: stage }
}

/** `rest`: what follows the object type. Undefined: no such route. */
export function handlePipelines(
  { portal, object }: { portal: Portal; object: ObjectSchema },
  { method }: CrmRequest,
  rest: string,
): CrmResponse | undefined {
  if (method !== 'GET') return undefined
  const all = pipelinesOf(portal, object)
  if (rest === '') return { status: 200, body: { results: all.map((pipeline, at) => shown(portal, pipeline, at)) } }
  const [id = '', word, extra] = rest.split('/')
  if (extra !== undefined || (word !== undefined && word !== 'stages')) return undefined
  const found = all.find((pipeline) => pipeline.id === decodeSegment(id))
  if (found === undefined) throw notFound(`pipeline ${id} does not exist`)
  const body = shown(portal, found, all.indexOf(found))
  return { status: 200, body: word === undefined ? body : { results: body.stages } }
}

function shown(portal: Portal, { id, label, stages }: PipelinePolicy, displayOrder: number) {
  const at = new Date(portal.startedAtMs).toISOString()
  const times = { createdAt: at, updatedAt: at, archived: false }
  const listed = stages.map((stage, order) => ({ ...stage, displayOrder: order, metadata: {}, ...times }))
  return { id, label, displayOrder, stages: listed, ...times }
}
