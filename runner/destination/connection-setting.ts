import { BackfeedError } from '../errors.ts'
import { checkUrl } from '../project/check-url.ts'
import { Secret } from '../project/secret.ts'
import type { DestinationOptions } from './destination-options.ts'

/** The text of a setting, secrets revealed: only login code may ask. */
export function optionalSetting(options: DestinationOptions, name: string): string | undefined {
  const value = options.settings[name]
  if (value === undefined) return undefined
  return value instanceof Secret ? value.reveal() : String(value)
}

export function requiredSetting(options: DestinationOptions, name: string): string {
  const value = optionalSetting(options, name)
  if (value !== undefined && value.trim() !== '') return value
  throw new BackfeedError({
    code: 'E-CFG-MISSING',
    message: `connection ${options.connection} needs ${name} for auth ${options.auth}`,
    help: 'add it under connections in project.yml, secrets by env_var()',
  })
}

/**
 * The origin of a CRM address. Tokens and rows go there, so it must be the CRM's own domain by https, or this machine.
 * Loading checks what is written in project.yml; this also checks what came from the environment or a token endpoint.
 */
export function allowedOrigin(
  options: DestinationOptions,
  { crm, address }: { crm: 'salesforce' | 'hubspot'; address: string },
): string {
  const wrong = checkUrl(address, crm)
  if (wrong === undefined) return new URL(address).origin
  const host = URL.canParse(address) ? new URL(address).host : 'the address'
  throw new BackfeedError({
    code: 'E-TGT-HOST',
    message: `connection ${options.connection}: ${host} ${wrong}`,
    help: 'use the https:// address of the account, or a CRM emulator on this machine',
  })
}
