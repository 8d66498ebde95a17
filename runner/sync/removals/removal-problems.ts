/** What the CRM says about `on_removed:` before a row is looked at. Pure. */
import type { FieldDescription, ObjectPermissions } from '../../destination/destination.ts'
import type { Problem } from '../../errors.ts'
import type { FieldMapping, Sync } from '../../project/project.ts'
import { constantProblems } from '../constant-problems.ts'
import { unknownField } from '../missing-names.ts'
import { descriptionResolver } from '../sync-context.ts'

export interface RemovalCheck {
  sync: Sync
  description: readonly FieldDescription[]
  permissions?: ObjectPermissions | undefined
}

export function removalProblems(request: RemovalCheck): Problem[] {
  const { onRemoved } = request.sync
  if (onRemoved.action === 'nothing') return []
  const fields = onRemoved.action === 'set' ? onRemoved.fields : []
  return [...permissionProblems(request), ...fields.flatMap((field) => fieldProblems(request, field))]
}

function permissionProblems({ sync, permissions }: RemovalCheck): Problem[] {
  const { onRemoved, object, connection } = sync
  if (permissions === undefined || onRemoved.action === 'nothing') return []
  const need = onRemoved.action === 'delete' ? 'delete' : 'update'
  if (permissions[need]) return []
  const message = `the user of connection ${connection} may not ${need} ${object} records, as on_removed asks`
  const help = 'grant the object permission by a permission set, or choose another on_removed'
  return [{ code: 'E-MAP-PERMISSION', message, at: onRemoved.at, help }]
}

function fieldProblems({ sync, description }: RemovalCheck, field: FieldMapping): Problem[] {
  const found = descriptionResolver(description)(field.to)
  if (found === undefined) return [unknownField(field.to, field.at, { object: sync.object, fields: description })]
  if (found.updateable) return constantProblems(field, found)
  const message = `${sync.object}.${field.to} cannot be written on update, as on_removed would`
  return [{ code: 'E-MAP-READONLY', message, at: field.at, help: 'set another field' }]
}
