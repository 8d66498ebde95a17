import { bool, optional, record, strictKeys, text } from '../../core/control-input.ts'
import { ControlError } from '../../core/crm.ts'
import { mergeRecords } from '../merge-records.ts'
import type { Portal } from '../portal.ts'
import { RequestRefused } from '../request-refused.ts'

/**
 * Acts of an administrator through the control plane: `expire-tokens` ({token?}: one, or all that OAuth issued),
 * `revoke-grant` (every refresh and access token of OAuth), `merge` ({object, primary, merged, new_id?}). Throws ControlError.
 */
export function adminAct(portal: Portal, name: string, input: unknown): unknown {
  switch (name) {
    case 'expire-tokens': {
      const given = record(input ?? {}, 'body')
      strictKeys(given, ['token'], 'body')
      portal.tokens.expire(optional('token', given.token, (value) => text(value, 'token')).token)
      return undefined
    }
    case 'revoke-grant':
      portal.tokens.grantRevoked = true
      portal.tokens.expire()
      return undefined
    case 'merge':
      return merge(portal, input)
    default:
      throw new ControlError(404, `no act '${name}'; there are expire-tokens, revoke-grant, merge`)
  }
}

function merge(portal: Portal, input: unknown): unknown {
  const given = record(input, 'body')
  strictKeys(given, ['object', 'primary', 'merged', 'new_id'], 'body')
  const object = portal.schema.find(text(given.object, 'object'))
  if (object === undefined) throw new ControlError(404, `HubSpot has no object ${String(given.object)}`)
  const { newId = true } = optional('newId', given.new_id, (value) => bool(value, 'new_id'))
  try {
    const ends = { primary: String(given.primary), merged: String(given.merged), newId }
    return { id: mergeRecords(portal, object, ends).id }
  } catch (error) {
    if (error instanceof RequestRefused) throw new ControlError(400, error.message)
    throw error
  }
}
