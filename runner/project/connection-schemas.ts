/** What a connection says about one target, by CRM. */
import { z } from 'zod'
import { text } from './scalar-schemas.ts'

const emulator = z.boolean().optional().describe('true: the local emulator instead of a real CRM')
const apiVersion = z
  .union([z.string(), z.number()], { error: 'must be a version like "66.0"' })
  .optional()
  .describe('Version of the API (default "66.0")')
const isSandbox = z.boolean().optional().describe('Whether the login must land in a sandbox')
const orgId = z.union([z.string(), z.number()], { error: 'must be an id' }).optional()

const salesforceAuth = z
  .enum(['access_token', 'client_credentials', 'jwt_bearer', 'refresh_token'])
  .describe('jwt_bearer, client_credentials, refresh_token, or access_token (default when one is given)')

const salesforce = z.strictObject({
  emulator,
  auth: salesforceAuth.optional(),
  instance_url: text.optional().describe('https://<domain>.my.salesforce.com'),
  login_url: text.optional().describe('Where tokens are issued (default: the instance URL)'),
  audience: text.optional().describe('Audience of the JWT flow (default: the address of the login)'),
  access_token: text.optional().describe('Access token, by env_var()'),
  client_id: text.optional().describe('Consumer key of the connected app, by env_var()'),
  client_secret: text.optional().describe('Consumer secret of the connected app, by env_var()'),
  username: text.optional().describe('User of the JWT flow'),
  private_key: text.optional().describe('Private key of the JWT flow, by env_var()'),
  private_key_file: text
    .optional()
    .describe('File with the private key of the JWT flow; a relative path counts from the project folder'),
  refresh_token: text.optional().describe('Refresh token, by env_var()'),
  api_version: apiVersion,
  expect: z
    .strictObject({ org_id: orgId.describe('Organisation id, 15 or 18 characters'), is_sandbox: isSandbox })
    .optional()
    .describe('Refuse to work when the login lands anywhere else'),
})

const hubspot = z.strictObject({
  emulator,
  auth: z
    .enum(['access_token', 'refresh_token'])
    .optional()
    .describe('access_token (default when one is given): service key or token of a private app; refresh_token: OAuth'),
  access_token: text.optional().describe('Service key or token of a private app, by env_var()'),
  client_id: text.optional().describe('Client id of the app, for refresh_token'),
  client_secret: text.optional().describe('Client secret of the app, by env_var()'),
  refresh_token: text.optional().describe('Refresh token, by env_var()'),
  api_version: z
    .union([z.string(), z.number()], { error: 'must be a version' })
    .optional()
    .describe('v3, 2026-03 or 2026-09 (default)'),
  base_url: text.optional().describe('API address (default https://api.hubapi.com)'),
  expect: z
    .strictObject({ portal_id: orgId.describe('Portal (account) id'), is_sandbox: isSandbox })
    .optional()
    .describe('Refuse to work when the login lands anywhere else'),
})

export const connectionTargetSchemas = { salesforce, hubspot } as const

export const connectionSchema = z.strictObject({
  type: z.enum(['salesforce', 'hubspot']).describe('salesforce or hubspot'),
  targets: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .describe('Which CRM each target reaches; a target that is not listed cannot reach this CRM'),
})
