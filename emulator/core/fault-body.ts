import type { CrmName } from './crm.ts'

const SALESFORCE_CODES: Readonly<Record<number, readonly [code: string, message: string]>> = {
  401: ['INVALID_SESSION_ID', 'Session expired or invalid'],
  403: ['REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'],
  404: ['NOT_FOUND', 'The requested resource does not exist'],
  500: ['UNKNOWN_EXCEPTION', 'An unexpected error occurred.'],
  503: ['SERVER_UNAVAILABLE', 'The service is temporarily unavailable.'],
}

const HUBSPOT_CATEGORIES: Readonly<Record<number, readonly [category: string, message: string]>> = {
  401: ['INVALID_AUTHENTICATION', 'Authentication credentials not found or not valid'],
  403: ['MISSING_SCOPES', 'This app does not have the scopes for this call'],
  404: ['OBJECT_NOT_FOUND', 'resource not found'],
  429: ['RATE_LIMITS', 'You have reached your limit of requests'],
}

/** Body of an injected status for which the fault names none: what that CRM would say, as far as it matters to a client. */
export function faultBody(crm: CrmName | null, status: number): unknown {
  if (status < 400) return undefined
  if (crm === 'salesforce') {
    const [errorCode, message] = SALESFORCE_CODES[status] ?? ['UNKNOWN_EXCEPTION', `injected status ${status}`]
    return [{ message, errorCode }]
  }
  const [category, message] = HUBSPOT_CATEGORIES[status] ?? ['INTERNAL_ERROR', `injected status ${status}`]
  return { status: 'error', message, correlationId: '00000000-0000-4000-8000-000000000000', category }
}
