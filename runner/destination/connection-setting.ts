import { BackfeedError } from '../errors.ts'
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

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * The origin of a CRM address. Tokens go there, so: https, or plain http on this machine only; no user info, no path.
 * Also applied to the address a token endpoint answers with.
 */
export function allowedOrigin(options: DestinationOptions, address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
  if (url !== undefined && secure && url.username === '' && url.password === '') return url.origin
  throw new BackfeedError({
    code: 'E-TGT-HOST',
    message: `connection ${options.connection}: ${url?.host ?? 'the address'} is not an allowed CRM address`,
    help: 'use an https:// address without user name; plain http only for a CRM on this machine',
  })
}
