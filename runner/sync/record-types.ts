import type { FieldDescription, RecordType } from '../destination/destination.ts'

/** Record types this user may give a record; the master stands for none and is no value of its own. Pure. */
export function grantedRecordTypes(field: FieldDescription | undefined): RecordType[] {
  return (field?.recordTypes ?? []).filter(({ available, master, id }) => available && !master && id !== '')
}
