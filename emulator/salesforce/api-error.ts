import type { CrmResponse } from '../core/crm.ts'

/** One row's failure, before it takes the shape of the endpoint: `errorCode` alone, `statusCode` in Collections. */
export interface RowError {
  code: string
  message: string
  fields: readonly string[]
  /** Further members of the error in JSON, such as `duplicateResult`. */
  extra?: Readonly<Record<string, unknown>>
}

export function rowError(code: string, message: string, fields: readonly string[] = []): RowError {
  return { code, message, fields }
}

/** A call that fails as a whole. */
export class ApiError extends Error {
  readonly status: number
  readonly errors: readonly RowError[]

  constructor(status: number, error: RowError | readonly RowError[]) {
    const errors: readonly RowError[] = Array.isArray(error) ? error : [error as RowError]
    super(errors.map((one) => one.message).join('; '))
    this.name = 'ApiError'
    this.status = status
    this.errors = errors
  }

  response(): CrmResponse {
    const body = this.errors.map(({ code, message, fields, extra }) => ({
      ...extra,
      message,
      errorCode: code,
      ...(fields.length === 0 ? {} : { fields }),
    }))
    return { status: this.status, body }
  }
}

export function notFound(): ApiError {
  return new ApiError(404, rowError('NOT_FOUND', 'The requested resource does not exist'))
}

export function badRequest(code: string, message: string): ApiError {
  return new ApiError(400, rowError(code, message))
}
