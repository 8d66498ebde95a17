import { ControlError } from '../../core/crm.ts'
import { offerStages, PIPELINE_PROPERTIES } from '../pipelines.ts'
import type { Portal } from '../portal.ts'
import type { PortalPolicies } from './portal-policies.ts'
import { NO_POLICIES } from './portal-policies.ts'
import { mergedPolicies } from './read-policies.ts'

/** Puts policies into force. Throws ControlError(400 or 404), changing nothing. */
export function putPolicies(portal: Portal, input: unknown): void {
  const next = mergedPolicies(portal.policies, input, (name) => nameOf(portal, name))
  for (const object of Object.keys(next.pipelines)) {
    if (PIPELINE_PROPERTIES[object] === undefined) throw new ControlError(400, `pipelines.${object}: has none`)
  }
  checkProperties(portal, next)
  enforce(portal, next)
}

export function clearPolicies(portal: Portal): void {
  enforce(portal, NO_POLICIES)
}

function enforce(portal: Portal, policies: PortalPolicies): void {
  portal.policies = policies
  portal.rateLimit.configure(policies.limits, policies.account.time_zone)
  for (const [name, pipelines] of Object.entries(policies.pipelines)) {
    const object = portal.schema.find(name)
    if (object !== undefined) offerStages(portal, object, pipelines)
  }
}

function nameOf(portal: Portal, name: string): string {
  const object = portal.schema.find(name)
  if (object === undefined) throw new ControlError(404, `HubSpot has no object ${name}`)
  return object.name
}

function checkProperties(portal: Portal, { objects }: PortalPolicies): void {
  for (const [name, rules] of Object.entries(objects)) {
    const named = [
      ...(rules.required_on_create ?? []),
      ...(rules.conditional ?? []).flatMap((rule) => [rule.property, rule.require]),
      ...(rules.validations ?? []).map((rule) => rule.property),
    ]
    const unknown = named.find((property) => portal.schema.find(name)?.properties.has(property) !== true)
    if (unknown !== undefined) throw new ControlError(400, `objects.${name}: no property ${unknown}`)
  }
}
