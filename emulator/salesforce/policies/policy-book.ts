import { ControlError } from '../../core/crm.ts'
import { ApiError } from '../api-error.ts'
import { FULL_ACCESS, type ObjectAccess, type ObjectSchema } from '../object-schema.ts'
import type { Org } from '../org.ts'
import { ObjectGate } from './object-gate.ts'
import { NO_POLICIES, type ObjectPolicy, type OrgPolicies } from './org-policies.ts'
import { mergedPolicies } from './read-policies.ts'
import { recordTypesOf, setRecordTypes } from './record-types.ts'

/** The org's policies, put into force: permissions in the schema, a gate per object that has rules. */
export class PolicyBook {
  readonly #org: Org
  #policies: OrgPolicies = NO_POLICIES
  #gates = new Map<string, ObjectGate>()

  constructor(org: Org) {
    this.#org = org
  }

  get current(): OrgPolicies {
    return this.#policies
  }

  of(object: ObjectSchema): ObjectPolicy | undefined {
    return this.#policies.objects[object.name]
  }

  gate(object: ObjectSchema): ObjectGate | undefined {
    return this.#gates.get(object.name)
  }

  /** Throws ControlError(400 or 404), changing nothing. */
  put(input: unknown): void {
    const next = mergedPolicies(this.#policies, input, (name) => this.#nameOf(name))
    this.#checkFields(next)
    this.enforce(next)
    if (!isLimitInput(input)) return
    this.#org.usage.rearm()
    if (next.limits.used !== undefined) this.#org.usage.used = next.limits.used
  }

  enforce(policies: OrgPolicies): void {
    const gates = this.#gatesOf(policies)
    const touched = new Set([...Object.keys(this.#policies.objects), ...Object.keys(policies.objects)])
    this.#policies = policies
    this.#gates = gates
    for (const [name, policy] of Object.entries(policies.objects)) setRecordTypes(this.#org, name, policy)
    this.#org.schema.restrict(accessOf(policies))
    for (const name of touched) this.#org.schema.touch(name)
  }

  /** Conditions name fields: they are read again when those change. */
  schemaChanged(): void {
    this.#gates = this.#gatesOf(this.#policies)
  }

  #gatesOf(policies: OrgPolicies): Map<string, ObjectGate> {
    const gates = new Map<string, ObjectGate>()
    for (const [name, policy] of Object.entries(policies.objects)) {
      const object = this.#org.schema.whole(name)
      if (object === undefined) continue
      gates.set(name, this.#gateOf(object, policy))
    }
    return gates
  }

  #gateOf(object: ObjectSchema, policy: ObjectPolicy): ObjectGate {
    try {
      return new ObjectGate(this.#org, object, policy)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      throw new ControlError(400, `objects.${object.name}: ${error.message}`)
    }
  }

  #nameOf(name: string): string {
    const object = this.#org.schema.whole(name)
    if (object === undefined) throw new ControlError(404, `Salesforce has no object '${name}'`)
    return object.name
  }

  #checkFields({ objects }: OrgPolicies): void {
    for (const [name, policy] of Object.entries(objects)) {
      const object = this.#org.schema.whole(name)
      const named = [
        ...Object.keys(policy.fields ?? {}),
        ...(policy.validation_rules ?? []).flatMap((r) => r.field ?? []),
      ]
      const unknown = named.find((field) => object?.byName.has(field.toLowerCase()) !== true)
      if (unknown !== undefined) throw new ControlError(400, `objects.${name}: no field '${unknown}'`)
    }
  }

  recordTypes(object: ObjectSchema): ReturnType<typeof recordTypesOf> {
    return recordTypesOf(this.#org, object.name, this.of(object))
  }
}

function isLimitInput(input: unknown): boolean {
  return input !== null && typeof input === 'object' && 'limits' in input
}

function accessOf({ objects }: OrgPolicies): Map<string, ObjectAccess> {
  const access = new Map<string, ObjectAccess>()
  for (const [name, { permissions, fields }] of Object.entries(objects)) {
    if (permissions === undefined && fields === undefined) continue
    const byField = new Map(Object.entries(fields ?? {}).map(([field, level]) => [field.toLowerCase(), level]))
    access.set(name.toLowerCase(), { ...FULL_ACCESS, ...permissions, fields: byField })
  }
  return access
}
