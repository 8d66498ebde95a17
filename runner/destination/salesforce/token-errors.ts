/**
 * What the token endpoint's errors mean and what to do. Sources: Salesforce Help, "OAuth 2.0 Authorization Error Codes" and
 * the pages of the flows.
 */
import type { TokenError } from '../token-request.ts'

const LOGIN_HOST = 'check login_url: production logs in at the My Domain of production, a sandbox at its own My Domain'

export const TOKEN_ERRORS: readonly TokenError[] = [
  {
    error: 'invalid_grant',
    says: /audience/i,
    means: 'the audience of the assertion is not this login server',
    help: 'set login_url to the My Domain of the org, or audience to https://login.salesforce.com or https://test.salesforce.com',
  },
  {
    error: 'invalid_grant',
    says: /approved/i,
    means: 'the user may not use the app without approval',
    help: 'in the policies of the app, pre-authorise the user: "Admin approved users" and a permission set with the app',
  },
  {
    error: 'invalid_grant',
    says: /assertion/i,
    means: 'the signature or the time of the assertion is not accepted',
    help: 'the private key must belong to the certificate that the app holds, and the clock of this machine must be right',
  },
  {
    error: 'invalid_grant',
    says: /refresh token/i,
    means: 'the refresh token has ended or was revoked',
    help: 'authorise the app again for a new refresh token, and switch its rotation off, or use jwt_bearer',
  },
  {
    error: 'invalid_grant',
    says: /client credentials user/i,
    means: 'the app has no user to run as',
    help: 'in the policies of the app, choose the "Run As" user of the client credentials flow',
  },
  {
    error: 'invalid_grant',
    says: /not supported on this domain/i,
    means: 'this login server does not take this flow',
    help: 'set login_url to https://<your domain>.my.salesforce.com; login.salesforce.com does not take it',
  },
  {
    error: 'invalid_grant',
    means: 'the login is not accepted: wrong user, app, org or login server',
    help: LOGIN_HOST,
  },
  {
    error: 'invalid_client_id',
    means: 'this login server knows no app with that consumer key',
    help: `check client_id; a new app takes up to ten minutes to be known everywhere; ${LOGIN_HOST}`,
  },
  {
    error: 'invalid_client',
    means: 'the consumer secret is wrong',
    help: 'check client_secret; a rotated secret stops working at once',
  },
  {
    error: 'invalid_client_credentials',
    means: 'the consumer secret is wrong',
    help: 'check client_secret; a rotated secret stops working at once',
  },
  {
    error: 'invalid_app_access',
    means: 'the user may not use the app',
    help: 'assign the user a profile or permission set that the app allows',
  },
  {
    error: 'app_not_found',
    means: 'the app is not installed in this org, or the login server is a general one',
    help: 'let an administrator install the app, and set login_url to the My Domain of the org',
  },
  {
    error: 'inactive_user',
    means: 'the user is deactivated',
    help: 'activate the integration user, or log in as another',
  },
  {
    error: 'inactive_org',
    means: 'the org is locked, closed or suspended',
    help: 'ask the administrator of the org; nothing here can open it',
  },
  {
    error: 'unsupported_grant_type',
    means: 'the app does not allow this kind of login',
    help: 'enable the flow in the settings of the app',
  },
  {
    error: 'unauthorized_client',
    means: 'the app does not allow this kind of login',
    help: 'enable the flow in the settings of the app',
  },
  {
    error: 'invalid_scope',
    means: 'the app lacks the scope "api"',
    help: 'add "Manage user data via APIs (api)" to the scopes of the app',
  },
  {
    error: 'rate_limit_exceeded',
    means: 'too many logins within an hour',
    help: 'wait an hour; many short runs can share an access token through auth: access_token',
  },
]
