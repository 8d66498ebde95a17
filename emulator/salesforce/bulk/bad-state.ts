import { type ApiError, badRequest } from '../api-error.ts'

/** A call that the state of its job does not allow. */
export function badState(message: string): ApiError {
  return badRequest('INVALIDJOBSTATE', `InvalidJobState : ${message}`)
}
