/** The object types HubSpot has from the start, and what its documentation says of them that no API tells. */

export interface ObjectType {
  /** As messages and tables here call it. */
  name: string
  typeId: string
  /** Documented as needed to create ("Using object APIs"); the properties API does not say so. */
  required: readonly string[]
  /** A create needs one of them. */
  oneOf: readonly string[]
  /** Properties that hold a pipeline and its stage. */
  pipeline?: { pipeline: string; stage: string }
}

const NOTHING = { required: [], oneOf: [] } as const

const STANDARD: readonly (ObjectType & { singular: string })[] = [
  { name: 'contacts', singular: 'contact', typeId: '0-1', required: [], oneOf: ['email', 'firstname', 'lastname'] },
  { name: 'companies', singular: 'company', typeId: '0-2', ...NOTHING },
  {
    name: 'deals',
    singular: 'deal',
    typeId: '0-3',
    required: ['dealname', 'dealstage'],
    oneOf: [],
    pipeline: { pipeline: 'pipeline', stage: 'dealstage' },
  },
  {
    name: 'tickets',
    singular: 'ticket',
    typeId: '0-5',
    required: ['subject', 'hs_pipeline_stage'],
    oneOf: [],
    pipeline: { pipeline: 'hs_pipeline', stage: 'hs_pipeline_stage' },
  },
]

/** Under any of the names HubSpot answers to: plural, singular, type id, in any case. */
export function standardType(object: string): ObjectType | undefined {
  const word = object.toLowerCase()
  return STANDARD.find(({ name, singular, typeId }) => [name, singular, typeId].includes(word))
}

export const CUSTOM_PIPELINE = { pipeline: 'hs_pipeline', stage: 'hs_pipeline_stage' } as const
