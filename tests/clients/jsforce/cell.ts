/** A member that jsforce's types do not know: custom fields, and `statusCode`, which they call `errorCode`. */
export function cell(row: object | null | undefined, name: string): unknown {
  return row === null || row === undefined ? undefined : Reflect.get(row, name)
}
