import { ControlError } from '../../core/crm.ts'
import type { StoredRecord } from '../../core/record-store.ts'
import { type RowError, rowError } from '../api-error.ts'
import type { Field } from '../field.ts'
import type { ObjectSchema } from '../object-schema.ts'
import type { Org } from '../org.ts'
import type { FieldValues } from '../row-values.ts'
import type { WriteContext } from '../write-context.ts'
import type { DuplicateRule } from './org-policies.ts'

const ALERT = 'Use one of these records?'
const BLOCK = "You're creating a duplicate record. We recommend you use an existing record instead."

/** One active duplicate rule with its matching rule: exact on every field, without case. */
export class DuplicateMatcher {
  readonly #org: Org
  readonly #object: ObjectSchema
  readonly #rule: DuplicateRule
  readonly #fields: readonly Field[]

  constructor(org: Org, object: ObjectSchema, rule: DuplicateRule) {
    this.#org = org
    this.#object = object
    this.#rule = rule
    this.#fields = rule.match.map((name) => {
      const field = object.byName.get(name.toLowerCase())
      if (field === undefined) throw new ControlError(400, `duplicate rule ${rule.name}: no field ${name}`)
      return field
    })
    for (const field of this.#fields) org.store.index(object.name, field.name, !field.caseSensitive)
  }

  refusal(
    context: WriteContext,
    { op, values, after }: { op: 'create' | 'update' | 'delete'; values: FieldValues; after: StoredRecord },
  ): RowError | undefined {
    if (op === 'delete' || !(this.#rule.on ?? ['create', 'update']).includes(op)) return undefined
    // An update that leaves the matched fields alone is not compared again.
    if (op === 'update' && !this.#fields.some((field) => field.name in values)) return undefined
    if (this.#rule.action === 'alert' && context.allowDuplicates) return undefined
    const found = this.#matches(after)
    if (found.length === 0) return undefined
    const message = this.#rule.message ?? (this.#rule.action === 'alert' ? ALERT : BLOCK)
    const error = rowError('DUPLICATES_DETECTED', message)
    return { ...error, extra: { duplicateResult: this.#result(context, { found, message }) } }
  }

  #matches(record: StoredRecord): StoredRecord[] {
    const [first] = this.#fields
    const values = this.#fields.map((field) => folded(record.fields[field.name]))
    if (first === undefined || values.includes('')) return []
    return this.#org.store
      .find(this.#object.name, first.name, record.fields[first.name])
      .filter((one) => one.id !== record.id)
      .filter((one) => this.#fields.every((field, index) => folded(one.fields[field.name]) === values[index]))
  }

  #result(context: WriteContext, { found, message }: { found: readonly StoredRecord[]; message: string }): unknown {
    const { name } = this.#object
    const matchRecords = found.map((record) => ({
      additionalInformation: [],
      fieldDiffs: [],
      matchConfidence: 100,
      record: {
        attributes: { type: name, url: `/services/data/v66.0/sobjects/${name}/${record.id}` },
        Id: record.id,
        ...(context.duplicateDetails ? record.fields : {}),
      },
    }))
    const rule = `${this.#rule.name}_Match`
    return {
      allowSave: this.#rule.action === 'alert',
      duplicateRule: this.#rule.name,
      duplicateRuleEntityType: name,
      errorMessage: message,
      matchResults: [
        {
          entityType: name,
          errors: [],
          matchEngine: 'ExactMatchEngine',
          matchRecords,
          rule,
          size: found.length,
          success: true,
        },
      ],
    }
  }
}

function folded(value: unknown): string {
  return value === null || value === undefined ? '' : String(value).toLowerCase()
}
