import type { ApiVersion, ValueProblem } from './check-value.ts'
import { stageProblem } from './pipelines.ts'
import type { ObjectPolicy } from './policies/portal-policies.ts'
import { breaksRule } from './policies/validation-rules.ts'
import type { Portal } from './portal.ts'
import type { ObjectSchema } from './portal-schema.ts'

export interface RuledWrite {
  created: boolean
  changes: Readonly<Record<string, string>>
  /** What the record holds. */
  held: Readonly<Record<string, unknown>>
  version: ApiVersion
}

/** What the account's own settings find wrong with a row. Administrators' rules are enforced on 2026-09 only. */
export function ruleProblems(portal: Portal, object: ObjectSchema, write: RuledWrite): ValueProblem[] {
  const found = [ownerProblem(portal, write), currencyProblem(portal, write), stageProblem(portal, object, write)]
  const problems = found.flatMap((problem) => problem ?? [])
  const rules = portal.policies.objects[object.name]
  if (rules === undefined || write.version !== '2026-09') return problems
  return [...problems, ...missing(rules, write), ...missingConditional(rules, write), ...invalid(rules, write)]
}

/** The owner's id, not the user's nor an e-mail. What the error is called is not documented. */
function ownerProblem({ policies }: Portal, { changes }: RuledWrite): ValueProblem | undefined {
  const value = changes.hubspot_owner_id
  if (!value || policies.owners.length === 0) return undefined
  if (policies.owners.some((owner) => owner.id === value && owner.archived !== true)) return undefined
  return { property: 'hubspot_owner_id', code: 'INVALID_OWNER_ID', message: `Owner ${value} does not exist`, value }
}

function currencyProblem({ policies }: Portal, { changes }: RuledWrite): ValueProblem | undefined {
  const value = changes.deal_currency_code
  const { currencies } = policies.account
  if (!value || currencies.includes(value)) return undefined
  const message = `${value} was not one of the allowed options: [${currencies.join(', ')}]`
  return { property: 'deal_currency_code', code: 'INVALID_OPTION', message, value }
}

function missing({ required_on_create = [] }: ObjectPolicy, { created, changes }: RuledWrite): ValueProblem[] {
  if (!created) return []
  return required_on_create
    .filter((name) => !changes[name])
    .map((name) => ({
      property: name,
      code: 'MISSING_REQUIRED_PROPERTY',
      message: `Property "${name}" is required to create a record.`,
    }))
}

/** Looked at when the write touches either property. */
function missingConditional({ conditional = [] }: ObjectPolicy, { changes, held }: RuledWrite): ValueProblem[] {
  const after = (name: string) => changes[name] ?? String(held[name] ?? '')
  return conditional.flatMap(({ property, values, require }) => {
    const touched = property in changes || require in changes
    if (!touched || !values.includes(after(property)) || after(require) !== '') return []
    const message = `Property "${require}" is required because "${property}" is ${after(property)}.`
    return [{ property: require, code: 'MISSING_CONDITIONAL_REQUIRED_PROPERTY', message, because: property }]
  })
}

/** The API of these rules is documented; the code of a value that breaks one is not. */
function invalid({ validations = [] }: ObjectPolicy, { changes }: RuledWrite): ValueProblem[] {
  return validations.flatMap((rule) => {
    const value = changes[rule.property]
    if (!value || !breaksRule(rule, value)) return []
    const message = `"${rule.property}" does not meet the validation rule ${rule.rule}.`
    return [{ property: rule.property, code: 'VALIDATION_RULE_FAILED', message, value }]
  })
}
