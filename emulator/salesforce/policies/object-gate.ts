import type { StoredRecord } from '../../core/record-store.ts'
import { reshape } from '../../core/reshape.ts'
import { type RowError, rowError } from '../api-error.ts'
import type { ObjectSchema } from '../object-schema.ts'
import type { Org } from '../org.ts'
import type { FieldValues } from '../row-values.ts'
import { compileCondition, type RecordTest } from '../soql-filter.ts'
import { parseSoql } from '../soql-parser.ts'
import type { WriteContext } from '../write-context.ts'
import { DuplicateMatcher } from './duplicate-matcher.ts'
import type { ObjectPolicy, TriggerPolicy, ValidationRule } from './org-policies.ts'
import { recordTypesOf } from './record-types.ts'
import { RowLocks } from './row-locks.ts'

/** A write about to be stored, before any policy has seen it. */
export interface GuardedWrite {
  op: 'create' | 'update' | 'delete'
  object: ObjectSchema
  id: string
  values: FieldValues
}

const EVENTS = { create: 'insert', update: 'update', delete: 'delete' } as const
const MOMENTS = { create: 'BeforeInsert', update: 'BeforeUpdate', delete: 'BeforeDelete' } as const

/** The policies of one object in the order the platform meets them: locks, triggers, validation, duplicates. */
export class ObjectGate {
  readonly #org: Org
  readonly #locks: RowLocks
  readonly #approvals: ReadonlySet<string>
  readonly #triggers: readonly { trigger: TriggerPolicy; applies: RecordTest }[]
  readonly #rules: readonly { rule: ValidationRule; broken: RecordTest }[]
  readonly #duplicates: readonly DuplicateMatcher[]
  readonly #policy: ObjectPolicy

  /** Throws ApiError when a condition cannot be read as SOQL on this object. */
  constructor(org: Org, object: ObjectSchema, policy: ObjectPolicy) {
    const condition = (text: string | undefined): RecordTest => conditionTest(org, object, text)
    this.#org = org
    this.#locks = new RowLocks(policy.row_locks ?? [], object)
    this.#approvals = new Set(policy.approval_locks ?? [])
    this.#triggers = (policy.triggers ?? []).map((trigger) => ({ trigger, applies: condition(trigger.if) }))
    this.#rules = (policy.validation_rules ?? []).map((rule) => ({ rule, broken: condition(rule.error_if) }))
    this.#duplicates = (policy.duplicate_rules ?? []).map((rule) => new DuplicateMatcher(org, object, rule))
    this.#policy = policy
  }

  /** Given to a new record that names none. */
  defaultRecordType(object: ObjectSchema): string | undefined {
    if ((this.#policy.record_types ?? []).length === 0) return undefined
    return recordTypesOf(this.#org, object.name, this.#policy).find((one) => one.default)?.id
  }

  /** In place: what a flow makes of the values before they are stored. */
  reshape(values: FieldValues): void {
    for (const [name, how] of Object.entries(this.#policy.reshapes ?? {})) {
      if (name in values) values[name] = reshape(values[name] ?? null, how)
    }
  }

  /** Why the write is refused; undefined where every policy lets it pass. */
  refusal(context: WriteContext, write: GuardedWrite): readonly RowError[] | undefined {
    const before = this.#org.store.get(write.object.name, write.id)
    const after = proposed(before, write)
    const refused = this.#locked(write, after) ?? this.#thrown(write, after)
    if (refused !== undefined) return [refused]
    if (write.op === 'delete') return undefined
    return this.#invalid(after) ?? this.#wrongRecordType(write) ?? this.#duplicated(context, write, after)
  }

  #locked(write: GuardedWrite, after: StoredRecord): RowError | undefined {
    if (this.#approvals.has(write.id)) return rowError('ENTITY_IS_LOCKED', 'the entity is locked for editing')
    const holder = this.#locks.take(write.id, after.fields)
    if (holder === undefined) return undefined
    return rowError('UNABLE_TO_LOCK_ROW', `unable to obtain exclusive access to this record or 1 records: ${holder}`)
  }

  #thrown(write: GuardedWrite, after: StoredRecord): RowError | undefined {
    const found = this.#triggers.find(({ trigger, applies }) => trigger.on.includes(EVENTS[write.op]) && applies(after))
    if (found === undefined) return undefined
    const { name, code, message } = found.trigger
    if (code !== 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY') return rowError(code, message)
    const thrown = `${name}: execution of ${MOMENTS[write.op]}\n\ncaused by: System.DmlException: ${message}`
    return rowError(code, `${thrown}\n\nTrigger.${name}: line 1, column 1`)
  }

  #invalid(after: StoredRecord): readonly RowError[] | undefined {
    const errors = this.#rules.flatMap(({ rule, broken }) => {
      if (!broken(after)) return []
      return rowError('FIELD_CUSTOM_VALIDATION_EXCEPTION', rule.message, rule.field === undefined ? [] : [rule.field])
    })
    return errors.length === 0 ? undefined : errors
  }

  #wrongRecordType({ object, values }: GuardedWrite): readonly RowError[] | undefined {
    const id = values.RecordTypeId
    if (typeof id !== 'string') return undefined
    if (recordTypesOf(this.#org, object.name, this.#policy).some((one) => one.id === id && one.available)) {
      return undefined
    }
    const message = `Record Type ID: this ID value isn't valid for the user: ${id}`
    return [rowError('INVALID_CROSS_REFERENCE_KEY', message, ['RecordTypeId'])]
  }

  #duplicated(context: WriteContext, write: GuardedWrite, after: StoredRecord): readonly RowError[] | undefined {
    for (const matcher of this.#duplicates) {
      const error = matcher.refusal(context, { op: write.op, values: write.values, after })
      if (error !== undefined) return [error]
    }
    return undefined
  }
}

function proposed(before: StoredRecord | undefined, write: GuardedWrite): StoredRecord {
  const fields = before === undefined ? write.values : { ...before.fields, ...write.values }
  return { id: write.id, fields, createdAtMs: 0, updatedAtMs: 0, removed: false }
}

function conditionTest(org: Org, object: ObjectSchema, text: string | undefined): RecordTest {
  if (text === undefined) return () => true
  const query = { ...parseSoql(`SELECT Id FROM ${object.name} WHERE ${text}`), unrestricted: true }
  return query.where === undefined ? () => true : compileCondition(org, query, query.where)
}
