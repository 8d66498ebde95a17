import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import type { PropertyValidation } from './policies/portal-policies.ts'
import type { Portal } from './portal.ts'
import type { ObjectSchema } from './portal-schema.ts'
import { decodeSegment } from './request-body.ts'

/** Reading property validations: of an object, or of one property in `rest`. Undefined: no such route. */
export function handleValidations(
  { portal, object }: { portal: Portal; object: ObjectSchema },
  { method }: CrmRequest,
  rest: string,
): CrmResponse | undefined {
  if (method !== 'GET' || rest.includes('/')) return undefined
  const rules = portal.policies.objects[object.name]?.validations ?? []
  if (rest !== '') {
    const property = decodeSegment(rest)
    return { status: 200, body: { results: rules.filter((rule) => rule.property === property).map(shown) } }
  }
  const results = [...new Set(rules.map((rule) => rule.property))].map((propertyName) => ({
    propertyName,
    propertyValidationRules: rules.filter((rule) => rule.property === propertyName).map(shown),
  }))
  return { status: 200, body: { results } }
}

function shown({ rule, arguments: ruleArguments }: PropertyValidation) {
  return { ruleType: rule, ruleArguments, shouldApplyNormalization: false }
}
