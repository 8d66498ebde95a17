/**
 * Least privilege as SQL. runner: owns our tables and views, reads the sources. author: reads the sources, builds models in a
 * schema of its own. auditor: reads the public views and nothing else. Grants are printed, never run. Pure.
 */
import type { WarehouseName } from '../warehouse/warehouse.ts'

export const grantRoles = ['runner', 'author', 'auditor'] as const
export type GrantRole = (typeof grantRoles)[number]

export interface GrantPlaces {
  schema: string
  auditSchema: string
  /** `schema.table` of what the models read. */
  sources: readonly string[]
}

interface Names extends GrantPlaces {
  role: string
  authorSchema: string
  sourceSchemas: readonly string[]
}

type Lines = Record<GrantRole, (names: Names) => string[]>

/** One text per role. */
export function grantsFor(warehouse: WarehouseName, role: GrantRole, places: GrantPlaces): string {
  const sourceSchemas = [...new Set(places.sources.map((source) => source.slice(0, source.lastIndexOf('.'))))]
  const names = { ...places, role: `backfeed_${role}`, authorSchema: `${places.schema}_dev`, sourceSchemas }
  return [`-- ${role}: ${meanings[role]}`, ...dialects[warehouse][role](names)].join('\n')
}

const meanings: Record<GrantRole, string> = {
  runner: 'runs syncs. Owns the private tables and the public views, reads what the models read.',
  author: 'writes models. Builds them in a schema of its own, never touches the private tables.',
  auditor: 'reads the public views, which show what the audit kept, and nothing else.',
}

const nothing = () => [
  '-- DuckDB has no users and no grants: whoever can open the file can read and write all of it.',
  '-- Use the permissions of the file and its folder, and give an auditor a copy of the file, or one opened with access_mode=READ_ONLY.',
]

const postgres: Lines = {
  runner: ({ role, schema, auditSchema, sources, sourceSchemas }) => [
    `create role ${role};`,
    `create schema if not exists ${schema} authorization ${role};`,
    `create schema if not exists ${auditSchema} authorization ${role};`,
    ...reading({ role, sources, sourceSchemas: sourceSchemas.filter((source) => source !== schema) }),
  ],
  author: ({ role, authorSchema, sources, sourceSchemas }) => [
    `create role ${role};`,
    `create schema if not exists ${authorSchema} authorization ${role}; -- schema: of the author's own target`,
    `create schema if not exists ${authorSchema}_audit authorization ${role}; -- audit schema of the same`,
    ...reading({ role, sources, sourceSchemas }),
  ],
  auditor: ({ role, auditSchema }) => [
    `create role ${role};`,
    `grant usage on schema ${auditSchema} to ${role};`,
    `grant select on all tables in schema ${auditSchema} to ${role};`,
    '-- views are replaced when Backfeed is upgraded; new ones of the runner are readable too:',
    `alter default privileges for role backfeed_runner in schema ${auditSchema} grant select on tables to ${role};`,
  ],
}

function reading({ role, sources, sourceSchemas }: Pick<Names, 'role' | 'sources' | 'sourceSchemas'>): string[] {
  return [
    ...sourceSchemas.map((source) => `grant usage on schema ${source} to ${role};`),
    ...sources.map((source) => `grant select on ${source} to ${role};`),
  ]
}

const redshift: Lines = {
  runner: (names) => forRedshift(postgres.runner(names)),
  author: (names) => forRedshift(postgres.author(names)),
  auditor: ({ role, auditSchema }) => [
    `create role ${role};`,
    `grant usage on schema ${auditSchema} to role ${role};`,
    `grant select on all tables in schema ${auditSchema} to role ${role};`,
    '-- run as the user that runs syncs, so that views it creates later are readable too:',
    `alter default privileges in schema ${auditSchema} grant select on tables to role ${role};`,
  ],
}

/** Schemas belong to users there, so a role is granted what it needs in them. */
function forRedshift(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const [, schema, role] = /^create schema if not exists (\S+) authorization (\w+)/.exec(line) ?? []
    if (schema === undefined) return [line.replace(/ to (\w+);$/, ' to role $1;')]
    return [`create schema if not exists ${schema};`, `grant usage, create on schema ${schema} to role ${role};`]
  })
}

const snowflake: Lines = {
  runner: ({ role, schema, auditSchema, sources, sourceSchemas }) => [
    `create role if not exists ${role};`,
    `grant usage on warehouse <warehouse> to role ${role};`,
    `grant usage on database <database> to role ${role};`,
    ...[schema, auditSchema].flatMap((name) => [
      `create schema if not exists <database>.${name} with managed access;`,
      `grant usage, create table, create view on schema <database>.${name} to role ${role};`,
    ]),
    ...inDatabase(reading({ role, sources, sourceSchemas })),
  ],
  author: ({ role, authorSchema, sources, sourceSchemas }) => [
    `create role if not exists ${role};`,
    `grant usage on warehouse <warehouse> to role ${role};`,
    `grant usage on database <database> to role ${role};`,
    `create schema if not exists <database>.${authorSchema};`,
    `grant usage, create table, create view on schema <database>.${authorSchema} to role ${role};`,
    ...inDatabase(reading({ role, sources, sourceSchemas })),
  ],
  auditor: ({ role, auditSchema }) => [
    `create role if not exists ${role};`,
    `grant usage on warehouse <warehouse> to role ${role};`,
    `grant usage on database <database> to role ${role};`,
    `grant usage on schema <database>.${auditSchema} to role ${role};`,
    `grant select on all views in schema <database>.${auditSchema} to role ${role};`,
    `grant select on future views in schema <database>.${auditSchema} to role ${role};`,
  ],
}

function inDatabase(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line.replace(
      / on (schema )?(\S+) to (\w+);$/,
      (_, schema: string | undefined, name: string, role: string) =>
        ` on ${schema ?? 'table '}<database>.${name} to role ${role};`,
    ),
  )
}

const member = (role: string) => `"serviceAccount:${role}@<project>.iam.gserviceaccount.com"`
const onDataset = (access: string, dataset: string, role: string) =>
  `grant \`roles/${access}\` on schema \`<project>.${dataset}\` to ${member(role)};`
const bigqueryJobs = (role: string) =>
  `-- to run queries, on the project: gcloud projects add-iam-policy-binding <project> --role roles/bigquery.jobUser --member ${member(role)}`

const bigquery: Lines = {
  runner: ({ role, schema, auditSchema, sources }) => [
    bigqueryJobs(role),
    ...[schema, auditSchema].flatMap((dataset) => [
      `create schema if not exists \`<project>.${dataset}\`;`,
      onDataset('bigquery.dataEditor', dataset, role),
    ]),
    ...tablesOfBigquery(sources, role),
  ],
  author: ({ role, authorSchema, sources }) => [
    bigqueryJobs(role),
    `create schema if not exists \`<project>.${authorSchema}\`;`,
    onDataset('bigquery.dataEditor', authorSchema, role),
    ...tablesOfBigquery(sources, role),
  ],
  auditor: ({ role, schema, auditSchema }) => [
    bigqueryJobs(role),
    onDataset('bigquery.dataViewer', auditSchema, role),
    `-- authorise dataset ${auditSchema} in dataset ${schema} (Sharing > Authorize datasets), so that its views may read what the auditor may not`,
  ],
}

function tablesOfBigquery(sources: readonly string[], role: string): string[] {
  return sources.map(
    (source) => `grant \`roles/bigquery.dataViewer\` on table \`<project>.${source}\` to ${member(role)};`,
  )
}

const databricks: Lines = {
  runner: ({ role, schema, auditSchema, sources, sourceSchemas }) => [
    `grant use catalog on catalog <catalog> to \`${role}\`;`,
    ...[schema, auditSchema].flatMap((name) => [
      `create schema if not exists <catalog>.${name};`,
      `grant use schema, create table, select, modify on schema <catalog>.${name} to \`${role}\`;`,
    ]),
    ...inCatalog(reading({ role, sources, sourceSchemas })),
  ],
  author: ({ role, authorSchema, sources, sourceSchemas }) => [
    `grant use catalog on catalog <catalog> to \`${role}\`;`,
    `create schema if not exists <catalog>.${authorSchema};`,
    `grant use schema, create table, select, modify on schema <catalog>.${authorSchema} to \`${role}\`;`,
    ...inCatalog(reading({ role, sources, sourceSchemas })),
  ],
  auditor: ({ role, auditSchema }) => [
    `grant use catalog on catalog <catalog> to \`${role}\`;`,
    `grant use schema, select on schema <catalog>.${auditSchema} to \`${role}\`;`,
  ],
}

function inCatalog(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .replace(/^grant usage on schema (\S+) to (\w+);$/, 'grant use schema on schema <catalog>.$1 to `$2`;')
      .replace(/^grant select on (\S+) to (\w+);$/, 'grant select on table <catalog>.$1 to `$2`;'),
  )
}

const dialects: Record<WarehouseName, Lines> = {
  duckdb: { runner: nothing, author: nothing, auditor: nothing },
  postgres,
  redshift,
  snowflake,
  bigquery,
  databricks,
}
