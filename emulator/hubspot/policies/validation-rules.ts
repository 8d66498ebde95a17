import type { PropertyValidation } from './portal-policies.ts'

/** Rule types of the property validations API. */
export const VALIDATION_RULES = [
  ...(['AFTER_DATETIME_DURATION', 'AFTER_DURATION', 'ALPHANUMERIC', 'BEFORE_DATETIME_DURATION'] as const),
  ...(['BEFORE_DURATION', 'DAYS_OF_WEEK', 'DECIMAL', 'DOMAIN', 'EMAIL', 'EMAIL_ALLOWED_DOMAINS'] as const),
  ...(['EMAIL_BLOCKED_DOMAINS', 'END_DATE', 'END_DATETIME', 'FORMAT', 'MAX_LENGTH', 'MAX_NUMBER'] as const),
  ...(['MIN_LENGTH', 'MIN_NUMBER', 'PHONE_NUMBER_WITH_EXPLICIT_COUNTRY_CODE', 'REGEX'] as const),
  ...(['SPECIAL_CHARACTERS', 'START_DATE', 'START_DATETIME', 'URL', 'URL_ALLOWED_DOMAINS'] as const),
  ...(['URL_BLOCKED_DOMAINS', 'WHITESPACE'] as const),
]

/** A rule that has no test here is listed by the API and not enforced: what its arguments look like is not documented. */
const TESTS: Readonly<Record<string, (value: string, rule: readonly string[]) => boolean>> = {
  MIN_LENGTH: (value, [min]) => value.length >= Number(min),
  MAX_LENGTH: (value, [max]) => value.length <= Number(max),
  MIN_NUMBER: (value, [min]) => Number(value) >= Number(min),
  MAX_NUMBER: (value, [max]) => Number(value) <= Number(max),
  DECIMAL: (value, [places]) => (value.split('.')[1] ?? '').length <= Number(places),
  REGEX: (value, [pattern]) => new RegExp(pattern ?? '').test(value),
  WHITESPACE: (value) => !/\s/.test(value),
  EMAIL_ALLOWED_DOMAINS: (value, domains) => domains.includes(domainOf(value)),
  EMAIL_BLOCKED_DOMAINS: (value, domains) => !domains.includes(domainOf(value)),
  START_DATE: (value, [first]) => value >= (first ?? ''),
  END_DATE: (value, [last]) => value <= (last ?? ''),
  ALPHANUMERIC: (value, [kind]) =>
    (kind === 'NUMERIC_ONLY' ? /^\d*$/ : kind === 'ALPHA_ONLY' ? /^\p{L}*$/u : /^[\p{L}\d]*$/u).test(value),
}

export function breaksRule(rule: PropertyValidation, value: string): boolean {
  return TESTS[rule.rule]?.(value, rule.arguments) === false
}

function domainOf(email: string): string {
  return email.slice(email.lastIndexOf('@') + 1).toLowerCase()
}
