/**
 * What errors of HubSpot's token endpoint mean and what to do. Sources: HubSpot docs, "Manage OAuth tokens" and "Working
 * with OAuth"; the dated endpoint speaks OAuth's names, its predecessor HubSpot's own.
 */
import type { TokenError } from '../token-request.ts'

const REVOKED = {
  means: 'the refresh token is unknown, or the app was removed from the account',
  help: 'install the app in the account again and store the new refresh token; rows stay planned meanwhile',
}
const CLIENT = {
  means: 'HubSpot knows no app with this client id and secret',
  help: 'check client_id and client_secret on the Auth page of the app; a rotated secret stops working at once',
}

export const HUBSPOT_TOKEN_ERRORS: readonly TokenError[] = [
  { error: 'invalid_grant', ...REVOKED },
  { error: 'BAD_REFRESH_TOKEN', ...REVOKED },
  { error: 'invalid_client', ...CLIENT },
  { error: 'BAD_CLIENT_ID', ...CLIENT },
  { error: 'BAD_CLIENT_SECRET', ...CLIENT },
  {
    error: 'unauthorized_client',
    means: 'the app may not use this kind of login',
    help: 'use the client id and secret of the app that issued the refresh token',
  },
  {
    error: 'invalid_scope',
    means: 'the app asks for a scope that the account did not grant',
    help: 'install the app in the account again, with the scopes of the page of HubSpot in the documentation',
  },
]
