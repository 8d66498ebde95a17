/** A stage and a pipeline that are both constants must belong together; where one is a column, each row is checked. Pure. */
import type { FieldDescription } from '../destination/destination.ts'
import type { Problem } from '../errors.ts'
import type { FieldMapping, Sync } from '../project/project.ts'

export function stageProblems(sync: Sync, field: FieldMapping, { stages }: FieldDescription): Problem[] {
  if (stages === undefined || field.value === undefined) return []
  const pipeline = sync.fields.find(({ to }) => to === stages.field)?.value
  const known = pipeline === undefined ? undefined : stages.of[pipeline]
  if (known === undefined || known.includes(field.value)) return []
  return [
    {
      code: 'E-DATA-PICKLIST',
      message: `the constant of ${field.to} is no stage of pipeline ${pipeline}`,
      at: field.valueAt ?? field.at,
      help: `one of: ${known.join(', ')}`,
    },
  ]
}
