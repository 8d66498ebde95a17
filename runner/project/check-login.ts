/** How a connection logs in: one kind of login, complete, nothing beside it, to an address that may get a token. */
import { checkUrl } from './check-url.ts'
import type { LoadContext } from './load-context.ts'
import { isTree, type Tree } from './places.ts'
import type { Connection } from './project.ts'
import { hasTemplate } from './render-env.ts'

export interface LoginRequest {
  entry: Tree
  type: Connection['type']
  what: string
}

interface Login {
  /** All of these, … */
  needs: readonly string[]
  /** … and one of each of these. */
  oneOf?: readonly Choice[]
  also?: readonly string[]
}

/** Settings of which one is needed; `exclusive` when two of them would be two answers to one question. */
interface Choice {
  keys: readonly string[]
  exclusive?: true
}

const ADDRESS: Choice = { keys: ['login_url', 'instance_url'] }
const KEY: Choice = { keys: ['private_key', 'private_key_file'], exclusive: true }

const LOGINS: Readonly<Record<Connection['type'], Readonly<Record<string, Login>>>> = {
  salesforce: {
    access_token: { needs: ['instance_url', 'access_token'] },
    client_credentials: { needs: ['client_id', 'client_secret'], oneOf: [ADDRESS] },
    jwt_bearer: { needs: ['client_id', 'username'], oneOf: [KEY, ADDRESS], also: ['audience'] },
    refresh_token: { needs: ['client_id', 'refresh_token'], oneOf: [ADDRESS], also: ['client_secret'] },
  },
  hubspot: {
    access_token: { needs: ['access_token'] },
    refresh_token: { needs: ['client_id', 'client_secret', 'refresh_token'] },
  },
}

const CREDENTIALS = [
  'access_token',
  'client_id',
  'client_secret',
  'username',
  'private_key',
  'private_key_file',
  'refresh_token',
  'login_url',
  'audience',
]
const ALWAYS = ['emulator', 'auth', 'expect', 'api_version']
const PASSWORD_KEYS = ['password', 'security_token']
const PASSWORD_LOGINS = ['password', 'username_password', 'username-password', 'user_password', 'soap']
const URL_KEYS = ['instance_url', 'login_url', 'base_url', 'audience']

/** False after reporting something that makes a further check of the entry pointless. */
export function checkConnectionLogin(request: LoginRequest, context: LoadContext): boolean {
  const { entry } = request
  checkAddresses(request, context)
  checkExpected(request, context)
  if (isPasswordLogin(request, context)) return false
  if (entry.emulator === true) return checkNothingBeside(request, context)
  const auth = entry.auth ?? ('access_token' in entry ? 'access_token' : undefined)
  const logins = LOGINS[request.type]
  if (auth === undefined) return noLogin(request, context)
  const login = typeof auth === 'string' && Object.hasOwn(logins, auth) ? logins[auth] : undefined
  if (login !== undefined) checkKeys({ ...request, login, auth: String(auth) }, context)
  return true
}

function isPasswordLogin({ entry, type }: LoginRequest, context: LoadContext): boolean {
  const byAuth = typeof entry.auth === 'string' && PASSWORD_LOGINS.includes(entry.auth)
  const key = byAuth ? 'auth' : PASSWORD_KEYS.find((k) => k in entry)
  if (key === undefined) return false
  const salesforce = type === 'salesforce'
  context.problems.add({
    code: 'E-CFG-AUTH',
    message: 'login by user name and password is not possible',
    at: context.places.at(entry, [key], byAuth ? 'value' : 'key'),
    hint: salesforce
      ? 'Salesforce blocks it in new orgs and is retiring it; it passes by multi-factor login'
      : 'HubSpot has no such login for its API',
    help: salesforce
      ? 'use auth: jwt_bearer or client_credentials with an app of the org'
      : 'use access_token with a service key or the token of a private app, or refresh_token (OAuth)',
  })
  return true
}

function checkNothingBeside({ entry, what }: LoginRequest, context: LoadContext): boolean {
  for (const key of Object.keys(entry).filter((k) => k !== 'emulator' && k !== 'expect')) {
    context.problems.add({
      code: 'E-CFG-AUTH',
      message: `${what} is the emulator, and "${key}" would not be used`,
      at: context.places.at(entry, [key], 'key'),
      help: 'keep either emulator: true or the credentials',
    })
  }
  return true
}

function noLogin({ entry, what, type }: LoginRequest, context: LoadContext): boolean {
  context.problems.add({
    code: 'E-CFG-MISSING',
    message: `${what} does not say how to log in`,
    at: context.places.own(entry) ?? context.places.at(entry, []),
    help: `write emulator: true, or auth: ${Object.keys(LOGINS[type]).join(' or ')} with its credentials`,
  })
  return true
}

function checkKeys(request: LoginRequest & { login: Login; auth: string }, context: LoadContext): void {
  const { entry, login, auth, what } = request
  const { needs, oneOf = [], also = [] } = login
  const choices = oneOf.map(({ keys }) => keys.join(' or '))
  const lacking = [
    ...needs.filter((key) => !(key in entry)),
    ...choices.filter((_, index) => !oneOf[index]?.keys.some((key) => key in entry)),
  ]
  if (lacking.length > 0) {
    context.problems.add({
      code: 'E-CFG-MISSING',
      message: `${what} has no ${lacking.map((key) => `"${key}"`).join(', ')}`,
      at: context.places.find(entry, ['auth'])?.at ?? context.places.own(entry) ?? context.places.at(entry, []),
      help: `auth: ${auth} needs ${[...needs, ...choices].join(', ')}`,
    })
  }
  for (const { keys } of oneOf.filter((choice) => choice.exclusive)) checkOnlyOne(entry, keys, context)
  const used = [...ALWAYS, ...needs, ...oneOf.flatMap(({ keys }) => keys), ...also]
  for (const key of CREDENTIALS.filter((k) => k in entry && !used.includes(k))) {
    context.problems.add({
      code: 'E-CFG-AUTH',
      message: `"${key}" is not used by auth: ${auth}`,
      at: context.places.at(entry, [key], 'key'),
      help: 'keep the settings of one kind of login',
    })
  }
}

function checkOnlyOne(entry: Tree, keys: readonly string[], context: LoadContext): void {
  const [first, second] = keys.filter((key) => key in entry)
  if (first === undefined || second === undefined) return
  context.problems.add({
    code: 'E-CFG-AUTH',
    message: `"${first}" and "${second}" are two answers to one question`,
    at: context.places.at(entry, [second], 'key'),
    help: 'keep one of them',
  })
}

function checkAddresses({ entry, type }: LoginRequest, context: LoadContext): void {
  for (const key of URL_KEYS) {
    const value = entry[key]
    if (typeof value !== 'string' || hasTemplate(value)) continue
    const wrong = checkUrl(value, type)
    if (wrong === undefined) continue
    context.problems.add({
      code: 'E-TGT-HOST',
      message: `"${key}" ${wrong}`,
      at: context.places.at(entry, [key]),
      help:
        type === 'salesforce'
          ? 'write https://<your domain>.my.salesforce.com'
          : 'write https://api.hubapi.com, or leave it out',
    })
  }
}

function checkExpected({ entry, type }: LoginRequest, context: LoadContext): void {
  if (!isTree(entry.expect)) return
  const [key, shape, hint] =
    type === 'salesforce'
      ? ([
          'org_id',
          /^00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$/,
          'an organisation id has 15 or 18 characters and starts with 00D',
        ] as const)
      : (['portal_id', /^\d{1,15}$/, 'a portal id is a number'] as const)
  const value = entry.expect[key]
  const scalar = typeof value === 'string' || typeof value === 'number'
  if (!scalar || hasTemplate(String(value)) || shape.test(String(value))) return
  const at = context.places.at(entry.expect, [key])
  context.problems.add({ code: 'E-CFG-VALUE', message: `"${key}" is not an id of ${type}`, at, hint })
}
