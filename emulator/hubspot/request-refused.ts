import type { CrmResponse, EmulatorRandom } from '../core/crm.ts'

export type ErrorContext = Readonly<Record<string, readonly string[]>>

export interface ErrorDetail {
  message: string
  code?: string
  context?: ErrorContext
}

export interface Refusal {
  status: number
  message: string
  /** HubSpot leaves it out of some 400 and 404 bodies. */
  category?: string
  subCategory?: string
  context?: ErrorContext
  errors?: readonly ErrorDetail[]
  /** Further members, such as policyName of a 429. */
  more?: Readonly<Record<string, unknown>>
}

/** The whole request is refused and nothing was written. Row failures are values, not this. */
export class RequestRefused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.message)
    this.name = 'RequestRefused'
    this.refusal = refusal
  }
}

export function validationError(message: string, more: Partial<Refusal> = {}): RequestRefused {
  return new RequestRefused({ status: 400, message, category: 'VALIDATION_ERROR', ...more })
}

export function notFound(message = 'resource not found'): RequestRefused {
  return new RequestRefused({ status: 404, message, category: 'OBJECT_NOT_FOUND' })
}

export function refusalResponse({ status, more, ...body }: Refusal, random: EmulatorRandom): CrmResponse {
  return { status, body: { status: 'error', ...body, correlationId: seededUuid(random), ...more } }
}

export function seededUuid(random: EmulatorRandom): string {
  const hex = (digits: number) =>
    Math.floor(random.next() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0')
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(6)}${hex(6)}`
}
