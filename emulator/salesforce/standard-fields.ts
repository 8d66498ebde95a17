import type { FieldSpec } from './field.ts'

/** Builders of the field definitions that standard objects share. Lengths as in a new org. */

type Options = Partial<Omit<FieldSpec, 'name' | 'type'>>

const readOnly: Options = { createable: false, updateable: false }
const system: Options = { ...readOnly, nillable: false, defaultedOnCreate: true, permissionable: false }

export function text(name: string, length: number, options: Options = {}): FieldSpec {
  return { name, type: 'string', length, ...options }
}

export function typed(name: string, type: FieldSpec['type'], options: Options = {}): FieldSpec {
  return { name, type, ...options }
}

/** Standard picklists take any value; the listed ones are what a new org offers. */
export function picklist(name: string, values: readonly string[], options: Options = {}): FieldSpec {
  return { name, type: 'picklist', picklistValues: values, ...options }
}

export function lookup(name: string, referenceTo: readonly string[], options: Options = {}): FieldSpec {
  return { name, type: 'reference', referenceTo, ...options }
}

export function identity(): FieldSpec[] {
  return [
    { name: 'Id', type: 'id', ...system, label: 'Record ID', idLookup: true },
    { name: 'IsDeleted', type: 'boolean', ...system, label: 'Deleted' },
  ]
}

export function audit(options: { owner: boolean }): FieldSpec[] {
  const owner = lookup('OwnerId', ['User'], { nillable: false, defaultedOnCreate: true, permissionable: false })
  return [
    ...(options.owner ? [owner] : []),
    typed('CreatedDate', 'datetime', system),
    lookup('CreatedById', ['User'], system),
    typed('LastModifiedDate', 'datetime', system),
    lookup('LastModifiedById', ['User'], system),
    typed('SystemModstamp', 'datetime', system),
  ]
}

export function activity(): FieldSpec[] {
  return [
    typed('LastActivityDate', 'date', { ...readOnly, permissionable: false }),
    typed('LastViewedDate', 'datetime', { ...readOnly, permissionable: false }),
    typed('LastReferencedDate', 'datetime', { ...readOnly, permissionable: false }),
  ]
}

/** Street, city, …, and the compound that shows them together and is never written. */
export function address(prefix: string): FieldSpec[] {
  const compoundFieldName = `${prefix}Address`
  const part = { compoundFieldName }
  return [
    typed(`${prefix}Street`, 'textarea', { length: 255, ...part }),
    text(`${prefix}City`, 40, part),
    text(`${prefix}State`, 80, part),
    text(`${prefix}PostalCode`, 20, part),
    text(`${prefix}Country`, 80, part),
    typed(`${prefix}Latitude`, 'double', { precision: 18, scale: 15, ...part }),
    typed(`${prefix}Longitude`, 'double', { precision: 18, scale: 15, ...part }),
    picklist(`${prefix}GeocodeAccuracy`, ['Address', 'NearAddress', 'Block', 'Street', 'Zip', 'City', 'State'], {
      restrictedPicklist: true,
      ...part,
    }),
    typed(compoundFieldName, 'address', readOnly),
  ]
}

/** A person's name: the parts are written, `Name` shows them together. */
export function personName(): FieldSpec[] {
  const part = { compoundFieldName: 'Name' }
  return [
    text('LastName', 80, { nillable: false, extraTypeInfo: 'personname', ...part }),
    text('FirstName', 40, { extraTypeInfo: 'personname', ...part }),
    picklist('Salutation', ['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.', 'Mx.'], part),
    text('Name', 121, {
      ...readOnly,
      nillable: false,
      nameField: true,
      label: 'Full Name',
      extraTypeInfo: 'personname',
    }),
  ]
}

export function computed(spec: FieldSpec): FieldSpec {
  return { ...spec, ...readOnly }
}
